import type { Client, HostlerError, Notification } from '@hostler/kernel';
import { changingLists } from '@hostler/protocol';
import { upstreamErrors } from './errors.ts';
import { closeQuietly, openConnection } from './open-connection.ts';
import type { ServerContext } from './open-connection.ts';
import { OwnConnection } from './own-connection.ts';
import { knownAsLegacy } from './own-key.ts';
import { RestartSchedule } from './restart-schedule.ts';
import { startFailure } from './start-failure.ts';
import type { StartFailure } from './start-failure.ts';
import { untilAborted } from '@hostler/secrets';

export interface OwnConnectionsOptions extends ServerContext {
  /** What a server says outside any call over the connection of a session. */
  readonly onNotification: (notification: Notification, sessionId: string) => void;
}

/** Milliseconds of silence after which the connection of a session may give way to that of another client. */
const YIELDS_AFTER = 30_000;

const NONE = Promise.resolve(undefined);

/** What one client, or clients that are alike, have of one server. */
interface Slot {
  /** Absent for modern clients: nobody says when the last of them is gone. */
  readonly sessionId: string | undefined;
  readonly controller: AbortController;
  readonly schedule: RestartSchedule;
  connection?: OwnConnection | undefined;
  /** The opening under way, or the clean-up after a connection that ended. */
  opening?: Promise<OwnConnection> | undefined;
  work?: Promise<unknown> | undefined;
  failure?: StartFailure | undefined;
  retryAt: number;
  /** A connection of it ended by itself. */
  wasLost?: boolean;
}

/** The connections to one server that serve one client each, or clients of one consumer that are alike. */
export class OwnConnections {
  readonly #options: OwnConnectionsOptions;
  readonly #slots = new Map<string, Slot>();
  #isClosed = false;

  constructor(options: OwnConnectionsOptions) {
    this.#options = options;
  }

  /**
   * @param key see `ownKey`: the session, where there is one
   * @throws UPSTREAM_UNAVAILABLE, UPSTREAM_OVERLOADED, SECRET_*
   */
  connection(client: Client, key: string): OwnConnection | Promise<OwnConnection> {
    const slot = this.#slots.get(key);
    if (slot?.connection) return slot.connection;
    if (slot?.opening) return slot.opening;
    const room = this.#findRoom(slot);
    const own = slot ?? this.#newSlot(client, key);
    own.work = room ? Promise.all([own.work, room]) : own.work;
    return this.#open(client, key, own);
  }

  /** Whether it is served by a connection of its own at the moment. */
  has(sessionId: string): boolean {
    return this.#slots.get(sessionId)?.connection !== undefined;
  }

  /** Whether there is anything of it: a connection, one that opens, or one that failed. */
  holds(sessionId: string): boolean {
    return this.#slots.has(sessionId);
  }

  /** Whether anybody waits to hear of a resource. */
  get isHeld(): boolean {
    return [...this.#slots.values()].some(({ connection }) => connection?.subscriptions.isHeld === true);
  }

  /** Reaches the server only if this session has a connection to it. */
  notify(sessionId: string, notification: Notification): void {
    this.#slots.get(sessionId)?.connection?.notify(notification);
  }

  /** Tells the server over every connection. */
  notifyServer(notification: Notification): void {
    for (const { connection } of this.#slots.values()) connection?.notify(notification);
  }

  /** As `Supervisor.renewSecrets`, for every connection. @throws as that does */
  async renewSecrets(signal: AbortSignal): Promise<void> {
    await Promise.all(
      [...this.#slots.values()].map(async ({ connection, opening }) => {
        // One that opens may have read the old ones; when it fails, the next attempt reads the new ones.
        const own = connection ?? (await untilAborted(signal, opening?.catch(() => undefined) ?? NONE));
        await own?.renewSecrets?.(signal);
      }),
    );
  }

  /** Resolves when nothing of it is left. */
  async endSession(key: string): Promise<void> {
    const slot = this.#slots.get(key);
    if (!slot) return;
    this.#slots.delete(key);
    slot.controller.abort(this.#ended());
    await Promise.all([slot.connection && closeQuietly(slot.connection, this.#options.log), slot.work]);
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    await Promise.all([...this.#slots.keys()].map((sessionId) => this.endSession(sessionId)));
  }

  /** What has to end before the next connection opens: when there are too many, one that nobody uses gives way. */
  #findRoom(slot: Slot | undefined): Promise<void> | undefined {
    const { clock, limits, spec } = this.#options;
    if (this.#isClosed) throw this.#ended();
    if (slot?.failure && clock.now() < slot.retryAt) {
      throw slot.failure.toError(Math.ceil((slot.retryAt - clock.now()) / 1_000));
    }
    const used = [...this.#slots.values()].filter(({ connection, opening }) => connection ?? opening).length;
    if (used < limits.ownConnections) return undefined;
    const idle = this.#longestIdle();
    if (idle !== undefined) return this.endSession(idle);
    const limit = `${limits.ownConnections} clients have a connection of their own`;
    throw upstreamErrors.OVERLOADED({ details: { server: spec.name, limit, mayHaveRun: false } });
  }

  /**
   * The key of the connection that was used longest ago. Clients without a session lose nothing by its end. A session
   * may, for its server forgets it: that one must have been silent for a while, and wait for nothing.
   */
  #longestIdle(): string | undefined {
    const unusedUntil = this.#options.clock.now() - YIELDS_AFTER;
    const idle = [...this.#slots].flatMap(([key, { sessionId, connection }]) => {
      const lastUsed = connection?.lastUsed;
      if (connection === undefined || lastUsed === undefined) return [];
      const isFree = sessionId === undefined || (lastUsed <= unusedUntil && !connection.subscriptions.isHeld);
      return isFree ? [{ key, lastUsed }] : [];
    });
    return idle.sort((one, other) => one.lastUsed - other.lastUsed)[0]?.key;
  }

  #newSlot(client: Client, key: string): Slot {
    const { clock, random } = this.#options;
    this.#forgetFailures();
    const slot: Slot = {
      sessionId: client.session?.id,
      controller: new AbortController(),
      schedule: new RestartSchedule(clock, random),
      retryAt: 0,
    };
    this.#slots.set(key, slot);
    return slot;
  }

  /** What is left of failed attempts for clients without a session: they may describe themselves in ever new ways. */
  #forgetFailures(): void {
    const now = this.#options.clock.now();
    for (const [key, { sessionId, connection, opening, retryAt }] of this.#slots) {
      if (sessionId === undefined && !connection && !opening && now >= retryAt) this.#slots.delete(key);
    }
  }

  /** One opening at a time for each key, whoever asks for it. */
  #open(client: Client, key: string, slot: Slot): Promise<OwnConnection> {
    const opening = this.#connect(client, key, slot);
    slot.opening = opening;
    slot.work = opening.catch(() => {});
    return opening;
  }

  async #connect(client: Client, key: string, slot: Slot): Promise<OwnConnection> {
    const { clock, limits, log, spec, onNotification } = this.#options;
    let ended: HostlerError | undefined;
    try {
      await slot.work;
      const inner = await openConnection(this.#options, {
        client: knownAsLegacy(client),
        signal: slot.controller.signal,
        onNotification: (notification) => {
          // Clients without a session hear of changes over the shared connection, from which their lists come.
          if (slot.sessionId !== undefined) onNotification(notification, slot.sessionId);
        },
        onClose: (reason) => {
          ended = reason;
          if (slot.connection) this.#onLost(slot, slot.connection, reason);
        },
      });
      if (ended) {
        await closeQuietly(inner, log);
        throw ended;
      }
      const connection = new OwnConnection({
        connection: inner,
        clock,
        idleAfter: Math.min(limits.ownIdle, spec.recycle?.idle ?? limits.ownIdle),
        onIdle: () => void this.endSession(key),
      });
      slot.schedule.succeeded();
      slot.failure = undefined;
      slot.connection = connection;
      this.#onReturn(slot, connection);
      log.debug({ server: spec.name, era: connection.era }, 'a client got a connection of its own');
      return connection;
    } catch (error) {
      throw this.#onFailure(slot, error);
    } finally {
      slot.opening = undefined;
    }
  }

  /** What changed while there was no connection was told to nobody. */
  #onReturn(slot: Slot, { server }: OwnConnection): void {
    const { sessionId, wasLost } = slot;
    slot.wasLost = false;
    if (wasLost !== true || sessionId === undefined) return;
    for (const { method } of changingLists(server)) this.#options.onNotification({ method }, sessionId);
  }

  #onLost(slot: Slot, connection: OwnConnection, reason: HostlerError): void {
    slot.connection = undefined;
    slot.wasLost = true;
    slot.work = closeQuietly(connection, this.#options.log);
    this.#onFailure(slot, reason);
  }

  /** @returns the error for whoever waits for the connection */
  #onFailure(slot: Slot, error: unknown): Error {
    if (slot.controller.signal.aborted) return this.#ended();
    const { clock, log, spec } = this.#options;
    slot.failure = startFailure(spec.name, error);
    const delay = slot.schedule.failed(slot.failure.status === 'down');
    slot.retryAt = clock.now() + delay;
    const { problem, code } = slot.failure;
    log.warn({ server: spec.name, problem, code, error }, "a client's own connection is not available");
    return slot.failure.toError(Math.ceil(delay / 1_000));
  }

  #ended(): HostlerError {
    return upstreamErrors.UNAVAILABLE({ details: { server: this.#options.spec.name, mayHaveRun: false } });
  }
}
