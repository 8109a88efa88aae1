import type { Client, HostlerError, Notification } from '@hostler/kernel';
import type { Connection } from './connection.ts';
import { upstreamErrors } from './errors.ts';
import { closeQuietly, openConnection } from './open-connection.ts';
import type { ServerContext } from './open-connection.ts';
import { OwnConnection } from './own-connection.ts';
import { RestartSchedule } from './restart-schedule.ts';
import { startFailure } from './start-failure.ts';
import type { StartFailure } from './start-failure.ts';

export interface OwnConnectionsOptions extends ServerContext {
  readonly onNotification: (notification: Notification, sessionId: string) => void;
}

/** What one client's session has of one server. */
interface Slot {
  readonly controller: AbortController;
  readonly schedule: RestartSchedule;
  connection?: OwnConnection | undefined;
  /** The opening under way, or the clean-up after a connection that ended. */
  opening?: Promise<OwnConnection> | undefined;
  work?: Promise<unknown> | undefined;
  failure?: StartFailure | undefined;
  retryAt: number;
}

/** The connections to one server that serve one client each. */
export class OwnConnections {
  readonly #options: OwnConnectionsOptions;
  readonly #slots = new Map<string, Slot>();
  #isClosed = false;

  constructor(options: OwnConnectionsOptions) {
    this.#options = options;
  }

  /** @throws UPSTREAM_UNAVAILABLE, UPSTREAM_OVERLOADED, SECRET_* */
  connection(client: Client, sessionId: string): Connection | Promise<Connection> {
    const slot = this.#slots.get(sessionId);
    if (slot?.connection) return slot.connection;
    if (slot?.opening) return slot.opening;
    this.#checkRoom(slot);
    return this.#open(client, sessionId, slot ?? this.#newSlot(sessionId));
  }

  /** Reaches the server only if this session has a connection to it. */
  notify(sessionId: string, notification: Notification): void {
    this.#slots.get(sessionId)?.connection?.notify(notification);
  }

  /** Resolves when nothing of it is left. */
  async endSession(sessionId: string): Promise<void> {
    const slot = this.#slots.get(sessionId);
    if (!slot) return;
    this.#slots.delete(sessionId);
    slot.controller.abort(this.#ended());
    await Promise.all([slot.connection && closeQuietly(slot.connection, this.#options.log), slot.work]);
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    await Promise.all([...this.#slots.keys()].map((sessionId) => this.endSession(sessionId)));
  }

  #checkRoom(slot: Slot | undefined): void {
    const { clock, limits, spec } = this.#options;
    if (this.#isClosed) throw this.#ended();
    if (slot?.failure && clock.now() < slot.retryAt) {
      throw slot.failure.toError(Math.ceil((slot.retryAt - clock.now()) / 1_000));
    }
    const used = [...this.#slots.values()].filter(({ connection, opening }) => connection ?? opening).length;
    if (used < limits.ownConnections) return;
    const limit = `${limits.ownConnections} clients have a connection of their own`;
    throw upstreamErrors.OVERLOADED({ details: { server: spec.name, limit, mayHaveRun: false } });
  }

  #newSlot(sessionId: string): Slot {
    const { clock, random } = this.#options;
    const slot = { controller: new AbortController(), schedule: new RestartSchedule(clock, random), retryAt: 0 };
    this.#slots.set(sessionId, slot);
    return slot;
  }

  /** One opening at a time for each session, whoever asks for it. */
  #open(client: Client, sessionId: string, slot: Slot): Promise<OwnConnection> {
    const opening = this.#connect(client, sessionId, slot);
    slot.opening = opening;
    slot.work = opening.catch(() => {});
    return opening;
  }

  async #connect(client: Client, sessionId: string, slot: Slot): Promise<OwnConnection> {
    const { clock, limits, log, spec, onNotification } = this.#options;
    let ended: HostlerError | undefined;
    try {
      await slot.work;
      const inner = await openConnection(this.#options, {
        client,
        signal: slot.controller.signal,
        onNotification: (notification) => onNotification(notification, sessionId),
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
        idleAfter: limits.ownIdle,
        onIdle: () => void this.endSession(sessionId),
      });
      slot.schedule.succeeded();
      slot.failure = undefined;
      slot.connection = connection;
      log.debug({ server: spec.name, era: connection.era }, 'a client got a connection of its own');
      return connection;
    } catch (error) {
      throw this.#onFailure(slot, error);
    } finally {
      slot.opening = undefined;
    }
  }

  #onLost(slot: Slot, connection: OwnConnection, reason: HostlerError): void {
    slot.connection = undefined;
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
