import { Payload } from '@hostler/kernel';
import type { Era, Exchange, JsonObject, Notification, OfferSpec, Outcome } from '@hostler/kernel';
import type { ServerDescription } from '@hostler/protocol';
import type { Connection, Pool, PoolEvent, UpstreamState } from '@hostler/upstream';

export type Answer = (method: string, params: JsonObject) => JsonObject | undefined | Promise<JsonObject | undefined>;

/** A server of five lines: what it was asked is kept, what it answers is given. */
export class FakeConnection implements Connection {
  readonly era: Era;
  readonly asked: Exchange[] = [];
  readonly server: ServerDescription;
  answer: Answer;

  constructor(capabilities: JsonObject, answer: Answer, era: Era = 'legacy') {
    this.era = era;
    this.server = { era, revisions: ['2025-11-25'], info: { name: 'fake', version: '1' }, capabilities };
    this.answer = answer;
  }

  async request(exchange: Exchange): Promise<Outcome> {
    this.asked.push(exchange);
    const { method, params } = exchange.request;
    const result = await this.answer(method, params);
    return result === undefined
      ? { kind: 'error', era: this.era, payload: Payload.of({ code: -32601, message: 'no' }) }
      : { kind: 'result', era: this.era, payload: Payload.of(result) };
  }

  notify(): void {}

  close(): Promise<void> {
    return Promise.resolve();
  }

  methods(): string[] {
    return this.asked.map(({ request }) => request.method);
  }
}

/** Servers whose coming and going a test decides. */
export class FakePool implements Pool {
  readonly connections: Record<string, FakeConnection>;
  readonly offers: Record<string, OfferSpec> = {};
  readonly down = new Set<string>();
  /** Servers that are starting, and what to call when they are up or have failed. */
  readonly starting = new Map<string, PromiseWithResolvers<void>>();
  readonly ended: string[] = [];
  readonly told: string[] = [];
  #names: readonly string[] = [];
  readonly #listeners = new Set<(event: PoolEvent) => void>();

  constructor(connections: Record<string, FakeConnection>) {
    this.connections = connections;
  }

  start(): Promise<void> {
    return Promise.resolve();
  }

  states(): UpstreamState[] {
    return Object.keys(this.connections).map((name) => this.state(name));
  }

  /** The same array for the same names. */
  names(): readonly string[] {
    const names = Object.keys(this.connections);
    if (names.join('\n') !== this.#names.join('\n')) this.#names = names;
    return this.#names;
  }

  state(name: string): UpstreamState {
    const common = { name, required: false, restarts: 0 };
    if (this.starting.has(name)) return { ...common, status: 'starting', phase: 'connecting' };
    const server = this.connections[name]?.server;
    if (this.down.has(name) || server === undefined) return { ...common, status: 'down', phase: 'closed' };
    return { ...common, status: 'up', phase: 'ready', server };
  }

  spec(name: string): never {
    const offer = this.offers[name];
    const transport = { kind: 'in-process' };
    const spec = { name, transport, interactive: true, ...(offer && { offer }) };
    return (Object.hasOwn(this.connections, name) ? spec : undefined) as never;
  }

  runningSpecs(): never[] {
    return [];
  }

  credentialsOf(): string {
    return '';
  }

  connection(name: string): Connection | Promise<Connection> {
    const starting = this.starting.get(name);
    if (starting) return starting.promise.then(() => this.connection(name));
    const connection = this.connections[name];
    if (!connection || this.down.has(name)) throw new Error('down');
    return connection;
  }

  /** It begins to start; the next `comesUp` or `goesDown` ends that. */
  begins(name: string): void {
    const started = Promise.withResolvers<void>();
    started.promise.catch(() => {});
    this.starting.set(name, started);
    this.emit({ kind: 'state', state: this.state(name) });
  }

  comesUp(name: string, connection?: FakeConnection): void {
    if (connection) this.connections[name] = connection;
    this.down.delete(name);
    const started = this.starting.get(name);
    this.starting.delete(name);
    this.emit({ kind: 'state', state: this.state(name) });
    started?.resolve();
  }

  goesDown(name: string): void {
    this.down.add(name);
    const started = this.starting.get(name);
    this.starting.delete(name);
    this.emit({ kind: 'state', state: this.state(name) });
    started?.reject(new Error('down'));
  }

  listChanged(server: string, method = 'notifications/tools/list_changed'): void {
    this.emit({ kind: 'notification', server, source: 'shared', notification: { method } });
  }

  source(): string {
    return 'shared';
  }

  subscribe(): never {
    throw new Error('the fake pool knows no subscriptions');
  }

  notify(sessionId: string, { method }: Notification): void {
    this.told.push(`${sessionId} ${method}`);
  }

  endSession(sessionId: string): Promise<void> {
    this.ended.push(sessionId);
    return Promise.resolve();
  }

  add(): void {}

  remove(name: string): Promise<boolean> {
    delete this.connections[name];
    this.emit({ kind: 'state', state: this.state(name) });
    return Promise.resolve(true);
  }

  replace(): Promise<void> {
    return Promise.resolve();
  }

  restart(): Promise<void> {
    return Promise.resolve();
  }

  renewSecrets(): Promise<'renewed' | 'restarted'> {
    return Promise.resolve('renewed');
  }

  arrange(): void {}

  onEvent(listener: (event: PoolEvent) => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  emit(event: PoolEvent): void {
    for (const listener of this.#listeners) listener(event);
  }

  close(): Promise<void> {
    return Promise.resolve();
  }
}
