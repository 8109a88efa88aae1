import type { HostlerError, JsonObject, Notification } from '@hostler/kernel';
import { changingLists, requestBytes, toHostlerError } from '@hostler/protocol';
import { callServer, errorCode } from './http-context.ts';
import type { HttpContext } from './http-context.ts';
import { initialize } from './initialize.ts';
import type { Session } from './initialize.ts';
import { sendNotice } from './notice.ts';
import { ServerStream } from './server-stream.ts';
import { createSessionMemory } from './session-memory.ts';

export interface LegacySessionOptions {
  readonly http: HttpContext;
  readonly first: Session;
  /** A message outside any call. */
  onMessage(bytes: Uint8Array): void;
  /** Whatever was known of the server's lists may be out of date. */
  onNotification(notification: Notification): void;
  /** The session was lost and could not be opened again. */
  onEnd(reason: HostlerError): void;
}

/** The session of one connection: its stream, its reopening when the server has forgotten it, and its end. */
export class LegacySession {
  readonly #options: LegacySessionOptions;
  readonly #http: HttpContext;
  readonly #lifetime = new AbortController();
  readonly #memory = createSessionMemory();
  #current: Session;
  #stream: ServerStream | undefined;
  #reopening: Promise<void> | undefined;
  #end: HostlerError | undefined;

  constructor(options: LegacySessionOptions) {
    this.#options = options;
    this.#http = options.http;
    this.#current = options.first;
  }

  get current(): Session {
    return this.#current;
  }

  /** Settles when no reopening is under way; undefined when none is. */
  get reopening(): Promise<void> | undefined {
    return this.#reopening;
  }

  /** Why it is over; undefined while it is not. */
  get end(): HostlerError | undefined {
    return this.#end;
  }

  /** Fires when the connection is closed. */
  get signal(): AbortSignal {
    return this.#lifetime.signal;
  }

  learn(method: string, params: JsonObject): void {
    this.#memory.learn(method, params);
  }

  /** Opens the stream on which the server speaks outside any call, if it offers one. */
  async openStream(): Promise<void> {
    const { headers } = this.#current;
    const lost = this.#current;
    const { link, clock, connect } = this.#http;
    this.#stream = new ServerStream({
      link,
      clock,
      log: connect.log,
      server: connect.spec.name,
      request: (lastEventId) => ({
        method: 'GET',
        headers: lastEventId === undefined ? headers : [...headers, 'last-event-id', lastEventId],
        lane: 'streams',
      }),
      onMessage: (bytes) => this.#options.onMessage(bytes),
      onSessionLost: () => void this.reopen(lost),
      onGap: () => this.#announceGap(),
      onUnauthorized: () => this.#refreshHeaders(),
    });
    await this.#stream.answered;
  }

  /** Opens a new session in the place of the lost one, once for all who noticed. Never rejects: see `end`. */
  async reopen(lost: Session): Promise<void> {
    if (this.#current !== lost || this.#end !== undefined || this.#lifetime.signal.aborted) return;
    this.#reopening ??= this.#reopen().finally(() => {
      this.#reopening = undefined;
    });
    await this.#reopening;
  }

  /** Whether the server still knows the session: some servers refuse an unknown one with a general 400. */
  async isAlive(session: Session): Promise<boolean> {
    try {
      const reply = await this.#call('ping', {}, session);
      return reply.kind === 'answer' && reply.head.status < 400;
    } catch {
      // Not to be reached is no proof of a lost session: the next call will tell.
      return true;
    }
  }

  /** Ends it for good, because the server is no longer what it was. */
  fail(reason: HostlerError): void {
    if (this.#end !== undefined || this.#lifetime.signal.aborted) return;
    this.#end = reason;
    this.#stream?.stop();
    this.#options.onEnd(reason);
  }

  async close(): Promise<void> {
    this.#lifetime.abort(this.#http.failures.unavailable('The connection was closed.', false));
    this.#stream?.stop();
    await this.#reopening;
    if (this.#current.id === undefined || this.#end !== undefined) return;
    const { log, limits, spec } = this.#http.connect;
    const request = { method: 'DELETE', headers: this.#current.headers, lane: 'streams' } as const;
    // The server may not offer it (405), or be gone: its sessions expire.
    await sendNotice(this.#http, request, limits.stopStep).catch((error: unknown) => {
      log.debug({ server: spec.name, error }, 'the server did not end the session');
    });
  }

  async #reopen(): Promise<void> {
    const { log, spec } = this.#http.connect;
    this.#stream?.stop();
    try {
      this.#current = await initialize(this.#http, {
        signal: this.#lifetime.signal,
        timeout: spec.startTimeout,
      });
    } catch (thrown) {
      this.fail(toHostlerError(thrown));
      return;
    }
    if (this.#lifetime.signal.aborted) return;
    log.info({ server: spec.name }, 'the server had lost its session; a new one is open');
    await this.openStream();
    await this.#restore();
    this.#announceGap();
  }

  async #restore(): Promise<void> {
    const { log, spec } = this.#http.connect;
    for (const { method, params } of this.#memory.replay()) {
      try {
        // oxlint-disable-next-line no-await-in-loop -- a thousand at once would be an attack on the server
        const reply = await this.#call(method, params, this.#current);
        if (reply.kind === 'refused' || reply.member === 'error') {
          log.warn(
            { server: spec.name, method, code: errorCode(reply) },
            'the new session refused a setting of the old',
          );
        }
      } catch (error) {
        log.warn({ server: spec.name, method, error }, 'a setting of the lost session was not restored');
        return;
      }
    }
  }

  /** What changed while nobody listened was told to nobody; the server may even be another version of itself. */
  #announceGap(): void {
    const options = this.#options;
    for (const { method } of changingLists(this.#current.description)) options.onNotification({ method });
    for (const { method, params } of this.#memory.replay()) {
      if (method === 'resources/subscribe')
        options.onNotification({ method: 'notifications/resources/updated', params });
    }
  }

  #call(method: string, params: JsonObject, session: Session) {
    const id = this.#http.nextId();
    return callServer(this.#http, {
      id,
      method,
      until: this.#lifetime,
      timeout: this.#http.connect.spec.callTimeout,
      request: { method: 'POST', headers: session.headers, body: requestBytes(id, method, params), lane: 'streams' },
      onMessage: () => {},
    });
  }

  #refreshHeaders(): void {
    const { headers, connect } = this.#http;
    headers.refresh(headers.version, this.#lifetime.signal).catch((error: unknown) => {
      connect.log.warn({ server: connect.spec.name, error }, 'the secrets of its headers could not be read again');
    });
  }
}
