import { isHostlerError } from '@hostler/kernel';
import type { Clock, HttpSpec, Setting, WebSocketSpec } from '@hostler/kernel';
import type { ConnectContext } from './connection.ts';
import { upstreamErrors } from './errors.ts';

/** The headers that the configuration adds to every request to one server, with their secrets as text. */
export interface OutboundHeaders {
  /**
   * Names and values in turn, names in lower case.
   * @throws Error for any origin but that of the configured url: secrets go nowhere else.
   */
  forOrigin(origin: string): readonly string[];
  /**
   * Reads the secrets again, at most once a minute; whether a fresh value comes is up to the resolver and its cache.
   * @returns whether any header changed
   * @throws SECRET_*, UPSTREAM_UNAVAILABLE
   */
  refresh(signal: AbortSignal): Promise<boolean>;
}

export interface OutboundHeadersOptions {
  readonly server: string;
  readonly transport: HttpSpec | WebSocketSpec;
  readonly secrets: ConnectContext['secrets'];
  readonly clock: Clock;
  readonly signal: AbortSignal;
}

/** A server that refuses every call must not make us read secrets for every call. */
const REFRESH_INTERVAL = 60_000;

/**
 * Resolves the configured headers. Names are checked before any secret is read.
 * @throws SECRET_* when a secret cannot be had, UPSTREAM_UNAVAILABLE when a header cannot be sent
 */
export async function resolveOutboundHeaders(options: OutboundHeadersOptions): Promise<OutboundHeaders> {
  const { clock, server, transport } = options;
  const { origin } = new URL(transport.url);
  checkNames(server, Object.keys(transport.headers));
  let headers = await resolveAll(options, options.signal);
  let readAt = clock.now();

  return {
    forOrigin(target) {
      if (target !== origin) throw new Error('headers with secrets were asked for a foreign origin');
      return headers;
    },
    async refresh(signal) {
      if (clock.now() - readAt < REFRESH_INTERVAL) return false;
      readAt = clock.now();
      const fresh = await resolveAll(options, signal);
      const changed = fresh.length !== headers.length || fresh.some((text, index) => text !== headers[index]);
      headers = fresh;
      return changed;
    },
  };
}

async function resolveAll(options: OutboundHeadersOptions, signal: AbortSignal): Promise<readonly string[]> {
  const pairs = await Promise.all(
    Object.entries(options.transport.headers).map(async ([name, setting]) => {
      const value = await settingText(setting, options.secrets, signal);
      if (value === undefined) return [];
      checkValue(options.server, name, value);
      return [name.toLowerCase(), value];
    }),
  );
  return pairs.flat();
}

/** Undefined when the secret is optional and does not exist. @throws SECRET_* */
export async function settingText(
  setting: Setting,
  secrets: OutboundHeadersOptions['secrets'],
  signal: AbortSignal,
): Promise<string | undefined> {
  if (typeof setting === 'string') return setting;
  try {
    const secret = await secrets.resolve(setting.secret, signal);
    // A function, since `$&` and the like inside a secret mean nothing here.
    return (setting.format ?? '{}').replace('{}', () => secret.reveal());
  } catch (thrown) {
    if (setting.optional === true && isHostlerError(thrown) && thrown.code === 'SECRET_NOT_FOUND') return undefined;
    throw thrown;
  }
}

function checkNames(server: string, names: readonly string[]): void {
  const seen = new Set<string>();
  for (const written of names) {
    const name = written.toLowerCase();
    if (!TOKEN.test(name)) throw refused(server, 'A configured header has a name that is no HTTP token.');
    if (RESERVED.has(name) || /^(?:mcp|sec-websocket)-/.test(name)) {
      throw refused(server, `The header "${name}" belongs to the transport: remove it from the configuration.`);
    }
    if (seen.has(name)) throw refused(server, `The header "${name}" is configured twice, in different case.`);
    seen.add(name);
  }
}

/** Source: RFC 9110, 5.5: visible ASCII, space and tab; everything else is refused rather than repaired. */
function checkValue(server: string, name: string, value: string): void {
  if (/^[\t\x20-\x7e]*$/.test(value) && value.trim() === value) return;
  throw refused(
    server,
    `The value of the header "${name.toLowerCase()}" holds something no header can carry: a line break, NUL, ` +
      'white space at its end or a character outside ASCII.',
  );
}

function refused(server: string, problem: string): Error {
  return upstreamErrors.UNAVAILABLE({ details: { server, problem, mayHaveRun: false } });
}

const TOKEN = /^[!#$%&'*+.^_`|~0-9a-z-]+$/;

/** Set by the transport itself, or of one hop only (RFC 9110, 7.6.1). */
const RESERVED: ReadonlySet<string> = new Set([
  'accept',
  'accept-encoding',
  'connection',
  'content-encoding',
  'content-length',
  'content-type',
  'expect',
  'host',
  'keep-alive',
  'last-event-id',
  'proxy-authenticate',
  'proxy-authorization',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
]);
