import type { Clock, Consumer, GroupSpec, Logger, Notification, UpstreamSpec } from '@hostler/kernel';
import type { Selection } from '@hostler/router';
import { changingLists } from '@hostler/protocol';
import type { Connection, ConnectionUser, Pool, PoolEvent, UpstreamState } from '@hostler/upstream';
import type { CatalogStore } from '../catalog-store.ts';
import type { ListLimits } from '../fetch-lists.ts';
import { routeErrors } from '../errors.ts';
import type { DriftWatch } from '../drift/drift-watch.ts';
import { ListReader } from '../list-reader.ts';
import type { ServerLimits } from '../limits/server-limits.ts';
import type { LogLevels } from '../log-levels.ts';
import { byHealth } from './by-health.ts';
import { createGroup } from './create-group.ts';
import type { Group } from './create-group.ts';
import { stateOfGroup } from './describe-group.ts';

export interface WithGroupsOptions {
  readonly groups: readonly GroupSpec[];
  readonly selection: Selection;
  readonly logLevels: LogLevels;
  readonly serverLimits: ServerLimits;
  readonly clock: Clock;
  readonly log: Logger;
  readonly limits: ListLimits;
  readonly store?: CatalogStore | undefined;
  /** Absent: definitions are not compared with anything. */
  readonly drift?: DriftWatch | undefined;
}

/** A pool in which each group is a server like any other, in the place of its members. */
export interface GroupedPool extends Pool {
  /** The group that this server is a member of. */
  groupOf(server: string): string | undefined;
  /** It hears of the pool no more. */
  detach(): void;
  /** The groups are others from now on. */
  regroup(groups: readonly GroupSpec[]): void;
  /** Definitions are believed in another way than before. */
  reassess(): void;
}

type NotificationEvent = Extract<PoolEvent, { readonly kind: 'notification' }>;

/** Members stay reachable by name; in the list of all servers the group stands where its first member stood. */
export function withGroups(pool: Pool, options: WithGroupsOptions): GroupedPool {
  return new PoolWithGroups(pool, options);
}

class PoolWithGroups implements GroupedPool {
  readonly detach: () => void;
  readonly #pool: Pool;
  readonly #options: WithGroupsOptions;
  readonly #reader: ListReader;
  readonly #listeners = new Set<(event: PoolEvent) => void>();
  #groups = new Map<string, Group>();
  /** The group of each member. */
  #memberships = new Map<string, string>();
  /** With the groups in their places. */
  #named: { readonly present: readonly string[]; readonly names: readonly string[] } | undefined;

  constructor(pool: Pool, options: WithGroupsOptions) {
    this.#pool = pool;
    this.#options = options;
    this.#reader = new ListReader(options);
    this.#index(options.groups);
    this.detach = pool.onEvent((event) => {
      this.#emit(event);
      this.#mirror(event);
    });
  }

  states(): readonly UpstreamState[] {
    const present = this.#pool.states();
    if (this.#groups.size === 0) return present;
    const placed = new Set<string>();
    return present.flatMap((state) => {
      const name = this.groupOf(state.name);
      const group = this.#groups.get(name ?? '');
      if (name === undefined || group === undefined) return [state];
      if (placed.has(name)) return [];
      placed.add(name);
      return [stateOfGroup(group.spec, present)];
    });
  }

  names(): readonly string[] {
    const present = this.#pool.names();
    if (this.#groups.size === 0) return present;
    if (this.#named?.present !== present) {
      this.#named = { present, names: [...new Set(present.map((name) => this.groupOf(name) ?? name))] };
    }
    return this.#named.names;
  }

  state(name: string): UpstreamState | undefined {
    const group = this.#groups.get(name);
    if (group !== undefined)
      return this.names().includes(name) ? stateOfGroup(group.spec, this.#pool.states()) : undefined;
    return this.groupOf(name) === undefined ? this.#pool.state(name) : undefined;
  }

  spec(name: string): UpstreamSpec | undefined {
    return this.#groups.get(name)?.asServer ?? this.#pool.spec(name);
  }

  runningSpecs(name: string): readonly UpstreamSpec[] {
    return this.#pool.runningSpecs(name);
  }

  credentialsOf(consumer: Consumer): string {
    return this.#pool.credentialsOf(consumer);
  }

  connection(name: string, user: ConnectionUser): Connection | Promise<Connection> {
    return this.#groups.get(name)?.connections[user.client.era] ?? this.#pool.connection(name, user);
  }

  source(name: string, user: ConnectionUser): string {
    return this.#groups.has(name) ? sourceOf(name) : this.#pool.source(name, user);
  }

  async subscribe(...[name, uri, user, onLost]: Parameters<Pool['subscribe']>): ReturnType<Pool['subscribe']> {
    const group = this.#groups.get(name);
    if (group === undefined) return this.#pool.subscribe(name, uri, user, onLost);
    const { well, others } = byHealth(
      await group.offers[user.client.era].candidates('resource', uri),
      this.#pool.states(),
    );
    let failure: unknown = routeErrors.NOT_FOUND({ details: { kind: 'resource', name: uri, uri } });
    for (const { member } of [...well, ...others]) {
      try {
        // oxlint-disable-next-line no-await-in-loop -- the next one is asked only when this one failed
        const hold = await this.#pool.subscribe(member.server, uri, user, onLost);
        return { ...hold, source: memberSource(name, member.server, hold.source) };
      } catch (error) {
        failure = error;
      }
    }
    throw failure;
  }

  onEvent(listener: (event: PoolEvent) => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  groupOf(server: string): string | undefined {
    return this.#memberships.get(server);
  }

  regroup(specs: readonly GroupSpec[]): void {
    const before = [...this.#groups.keys(), ...this.#memberships.keys()];
    this.#index(specs);
    const present = new Map([...this.#pool.states(), ...this.states()].map((state) => [state.name, state]));
    for (const name of new Set([...before, ...this.#groups.keys(), ...this.#memberships.keys()])) {
      this.#emit({ kind: 'state', state: present.get(name) ?? gone(name) });
    }
  }

  reassess(): void {
    for (const { offers } of this.#groups.values()) for (const each of Object.values(offers)) each.reassess();
  }

  start(): Promise<void> {
    return this.#pool.start();
  }

  notify(sessionId: string, notification: Notification): void {
    this.#pool.notify(sessionId, notification);
  }

  endSession(sessionId: string): Promise<void> {
    return this.#pool.endSession(sessionId);
  }

  add(spec: UpstreamSpec): void {
    this.#pool.add(spec);
  }

  remove(name: string, grace: number): Promise<boolean> {
    return this.#pool.remove(name, grace);
  }

  replace(spec: UpstreamSpec, grace: number): Promise<void> {
    return this.#pool.replace(spec, grace);
  }

  restart(name: string, grace: number): Promise<void> {
    return this.#pool.restart(name, grace);
  }

  renewSecrets(name: string, grace: number, signal: AbortSignal): Promise<'renewed' | 'restarted'> {
    return this.#pool.renewSecrets(name, grace, signal);
  }

  arrange(names: readonly string[]): void {
    this.#pool.arrange(names);
  }

  close(): Promise<void> {
    return this.#pool.close();
  }

  #index(specs: readonly GroupSpec[]): void {
    const { selection, logLevels, serverLimits, store, drift } = this.#options;
    const parts = { pool: this.#pool, reader: this.#reader, selection, logLevels, serverLimits, store, drift };
    this.#groups = new Map(specs.map((spec) => [spec.name, createGroup(spec, parts)]));
    this.#named = undefined;
    this.#memberships = new Map(
      specs.flatMap(({ name, members }) => members.map(({ server }) => [server, name] as const)),
    );
  }

  /** What concerns a member concerns its group, too. */
  #mirror(event: PoolEvent): void {
    const member = event.kind === 'state' ? event.state.name : event.server;
    const group = this.#groups.get(this.groupOf(member) ?? '');
    if (group === undefined) return;
    const { name } = group.spec;
    if (event.kind === 'state' || event.notification.method.endsWith('/list_changed')) {
      this.#reader.outdate(member);
      for (const offers of Object.values(group.offers)) offers.outdate();
    }
    if (event.kind === 'notification') return this.#emit({ ...event, server: name, source: groupSource(name, event) });
    const state = stateOfGroup(group.spec, this.#pool.states());
    this.#emit({ kind: 'state', state });
    // To those above it is one server that stays: what it offers changed by who came.
    if (event.state.status !== 'up' || state.server === undefined) return;
    for (const { method } of changingLists(state.server)) {
      this.#emit({ kind: 'notification', server: name, notification: { method }, source: sourceOf(name) });
    }
  }

  #emit(event: PoolEvent): void {
    for (const listener of this.#listeners) listener(event);
  }
}

function sourceOf(group: string): string {
  return `group ${group}`;
}

/** Of a resource, only what its holder's own connection says is for it; the lists are those of the whole group. */
function groupSource(group: string, { server, source, notification }: NotificationEvent): string {
  return notification.method.endsWith('/list_changed') ? sourceOf(group) : memberSource(group, server, source);
}

function memberSource(group: string, member: string, source: string): string {
  return `${sourceOf(group)}, ${member}, ${source}`;
}

function gone(name: string): UpstreamState {
  return { name, status: 'down', phase: 'closed', required: false, restarts: 0 };
}
