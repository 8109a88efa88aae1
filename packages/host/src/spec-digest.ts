import type { Setting, UpstreamSpec } from '@hostler/kernel';
import { digestOf } from '@hostler/protocol';

/**
 * What a server's lists depend on, as a digest: lists of another program are not those of this one. Of variables and
 * headers only the names and the references of secrets are in it, since any value may be a secret. Undefined for a server
 * in this process, which nothing describes.
 */
export function specDigest({ name, transport, era }: UpstreamSpec): string | undefined {
  switch (transport.kind) {
    case 'stdio':
      return digestOf([
        name,
        era,
        'stdio',
        transport.command,
        transport.args,
        transport.cwd,
        references(transport.env),
      ]);
    case 'http':
    case 'websocket':
      return digestOf([name, era, transport.kind, transport.url, references(transport.headers)]);
    case 'in-process':
      return undefined;
  }
}

function references(settings: Readonly<Record<string, Setting>>): readonly (readonly [string, string])[] {
  return Object.entries(settings)
    .map(([name, setting]) => [name, typeof setting === 'string' ? '' : setting.secret] as const)
    .toSorted(([one], [other]) => (one < other ? -1 : 1));
}
