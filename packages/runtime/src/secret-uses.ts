import { isJsonObject } from '@hostler/kernel';
import type { Json, Setting, UpstreamSpec } from '@hostler/kernel';

/** A secret where it is used. */
export interface SecretUseAt {
  /** Below the server or the configuration, such as `env.TOKEN` or `headers.authorization`. */
  readonly place: string;
  readonly reference: string;
}

/** The secrets of one server, each as often as it is used. */
export function usesOf({ transport }: UpstreamSpec): readonly SecretUseAt[] {
  switch (transport.kind) {
    case 'stdio':
      return usesIn('env', transport.env);
    case 'http':
    case 'websocket': {
      const { ca, certificate, key } = transport.network?.tls ?? {};
      const { clientSecret, clientKey } = (transport.kind === 'http' && transport.oauth) || {};
      return [
        ...usesIn('headers', transport.headers),
        ...usesIn('tls', { ca, certificate, key }),
        ...usesIn('oauth', { clientSecret, clientKey }),
      ];
    }
    case 'in-process':
      return [];
  }
}

/** The references of one server, each once. */
export function referencesOf(spec: UpstreamSpec): readonly string[] {
  return [...new Set(usesOf(spec).map(({ reference }) => reference))];
}

function usesIn(place: string, settings: Readonly<Record<string, Setting | undefined>>): SecretUseAt[] {
  return Object.entries(settings).flatMap(([name, setting]) =>
    typeof setting === 'object' ? [{ place: `${place}.${name}`, reference: setting.secret }] : [],
  );
}

/** References that stand anywhere in options, with their paths. */
export function usesInOptions(value: Json | undefined, path: readonly (string | number)[] = []): OptionUse[] {
  if (Array.isArray(value)) return value.flatMap((inner, index) => usesInOptions(inner, [...path, index]));
  if (!isJsonObject(value)) return [];
  // The options as a whole are never one.
  if (path.length > 0 && isOptionSecret(value)) return [{ path, reference: value.secret }];
  return Object.entries(value).flatMap(([key, inner]) => usesInOptions(inner, [...path, key]));
}

export interface OptionUse {
  readonly path: readonly (string | number)[];
  readonly reference: string;
}

/** An option of this shape alone is a reference: providers may have options of their own that are called `secret`. */
export function isOptionSecret(value: Json | undefined): value is { readonly secret: string } {
  return isJsonObject(value) && typeof value['secret'] === 'string' && Object.keys(value).length === 1;
}
