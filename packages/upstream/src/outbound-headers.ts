import { isHostlerError } from '@hostler/kernel';
import type { Clock, HttpSpec, Setting, WebSocketSpec } from '@hostler/kernel';
import type { ConnectContext } from './connection.ts';
import { upstreamErrors } from './errors.ts';
import type { MissingSecret } from './pool.ts';
import { untilAborted } from '@hostler/secrets';

/** The headers that the configuration adds to every request to one server, with their secrets as text. */
export interface OutboundHeaders {
  /**
   * Names and values in turn, names in lower case.
   * @throws Error for any origin but that of the configured url: secrets go nowhere else.
   */
  forOrigin(origin: string): readonly string[];
  /** Another number whenever a header has changed. */
  readonly version: number;
  /**
   * The server refused those of this version: has the secrets read anew by their providers, at most once a minute.
   * @returns whether there are others by now
   * @throws SECRET_*, UPSTREAM_UNAVAILABLE, or the signal's reason
   */
  refresh(refused: number, signal: AbortSignal): Promise<boolean>;
  /** Takes over the present values of the secrets. @throws SECRET_*, UPSTREAM_UNAVAILABLE: then they stay as they are */
  renew(signal: AbortSignal): Promise<void>;
  /** The server refused them and is connected to anew: then the secrets shall be read by their providers. */
  expire(): void;
}

export interface OutboundHeadersOptions {
  readonly server: string;
  readonly transport: HttpSpec | WebSocketSpec;
  readonly secrets: ConnectContext['secrets'];
  readonly clock: Clock;
  readonly signal: AbortSignal;
  /** Called each time the secrets were read. */
  readonly onMissing?: (missing: readonly MissingSecret[]) => void;
}

/** A server that refuses every call must not make us read secrets for every call. */
const REFRESH_INTERVAL = 60_000;

/**
 * Resolves the configured headers. Names are checked before any secret is read.
 * @throws SECRET_* when a secret cannot be had, UPSTREAM_UNAVAILABLE when a header cannot be sent
 */
export async function resolveOutboundHeaders(options: OutboundHeadersOptions): Promise<OutboundHeaders> {
  checkNames(options.server, Object.keys(options.transport.headers));
  const { headers, references } = await readAll(options, options.signal);
  return new ResolvedHeaders(options, headers, references);
}

class ResolvedHeaders implements OutboundHeaders {
  readonly #options: OutboundHeadersOptions;
  readonly #origin: string;
  #headers: readonly string[];
  /** Of the secrets that are in them. */
  #references: readonly string[];
  #version = 0;
  #refreshedAt = Number.NEGATIVE_INFINITY;
  #refreshing: Promise<void> | undefined;

  constructor(options: OutboundHeadersOptions, headers: readonly string[], references: readonly string[]) {
    this.#options = options;
    this.#origin = new URL(options.transport.url).origin;
    this.#headers = headers;
    this.#references = references;
  }

  forOrigin(origin: string): readonly string[] {
    if (origin !== this.#origin) throw new Error('headers with secrets were asked for a foreign origin');
    return this.#headers;
  }

  get version(): number {
    return this.#version;
  }

  async refresh(refused: number, signal: AbortSignal): Promise<boolean> {
    if (this.#version !== refused) return true;
    const now = this.#options.clock.now();
    if (this.#refreshing === undefined && now - this.#refreshedAt < REFRESH_INTERVAL) return false;
    this.#refreshing ??= this.#readAnew(now).finally(() => {
      this.#refreshing = undefined;
    });
    await untilAborted(signal, this.#refreshing);
    return this.#version !== refused;
  }

  async renew(signal: AbortSignal): Promise<void> {
    const { headers, references } = await readAll(this.#options, signal);
    this.#references = references;
    if (headers.length === this.#headers.length && headers.every((text, index) => text === this.#headers[index]))
      return;
    this.#headers = headers;
    this.#version += 1;
  }

  expire(): void {
    for (const reference of this.#references) this.#options.secrets.expire(reference);
  }

  /** For all whose calls were refused, so no signal of one of them ends it; the resolver bounds each read. */
  #readAnew(now: number): Promise<void> {
    this.#refreshedAt = now;
    this.expire();
    return this.renew(new AbortController().signal);
  }
}

interface ReadHeaders {
  readonly headers: readonly string[];
  readonly references: readonly string[];
}

async function readAll(options: OutboundHeadersOptions, signal: AbortSignal): Promise<ReadHeaders> {
  const { secrets, server, transport, onMissing } = options;
  const missing: MissingSecret[] = [];
  const source: SettingSource = { secrets, signal, onMissing: (one) => missing.push(one) };
  const read = await Promise.all(
    Object.entries(transport.headers).map(async ([written, setting]) => {
      const name = written.toLowerCase();
      const value = await settingText(setting, `headers.${name}`, source);
      if (value === undefined) return [];
      checkValue(server, name, value);
      return [{ name, value, setting }];
    }),
  );
  onMissing?.(missing);
  const present = read.flat();
  return {
    headers: present.flatMap(({ name, value }) => [name, value]),
    references: present.flatMap(({ setting }) => (typeof setting === 'string' ? [] : [setting.secret])),
  };
}

export interface SettingSource {
  readonly secrets: ConnectContext['secrets'];
  readonly signal: AbortSignal;
  /** Told of each optional secret that cannot be had. */
  readonly onMissing: (missing: MissingSecret) => void;
}

/**
 * The text of a value, for the environment of a child, a header or TLS. Undefined when its secret is optional and cannot be
 * had, whatever the reason.
 * @param place see `MissingSecret`
 * @throws SECRET_*
 */
export async function settingText(setting: Setting, place: string, source: SettingSource): Promise<string | undefined> {
  if (typeof setting === 'string') return setting;
  try {
    const secret = await source.secrets.resolve(setting.secret, source.signal);
    // A function, since `$&` and the like inside a secret mean nothing here.
    return (setting.format ?? '{}').replace('{}', () => secret.reveal());
  } catch (thrown) {
    if (setting.optional !== true || !isHostlerError(thrown) || !thrown.code.startsWith('SECRET_')) throw thrown;
    source.onMissing({ place, reference: setting.secret, code: thrown.code });
    return undefined;
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
    `The value of the header "${name}" holds something no header can carry: a line break, NUL, ` +
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
