import type { UpstreamSpec } from '@hostler/kernel';
import type { Pool, PoolEvent, UpstreamState } from '@hostler/upstream';

export interface FakePool extends Pool {
  /** What was asked of it, such as `add one`, `replace one` and, when its calls had ended, `gone one`. */
  readonly done: readonly string[];
  /** Servers of these names do not come up. */
  readonly broken: Set<string>;
  /** Each start of a server waits for this. */
  hold: Promise<void> | undefined;
  /** Each drain waits for this. */
  draining: Promise<void> | undefined;
}

/** A pool of servers that exist only here: up when they are started, gone when they are drained. */
export function createFakePool(specs: readonly UpstreamSpec[]): FakePool {
  const servers = new Map(specs.map((spec) => [spec.name, { spec, status: 'up' as UpstreamState['status'] }]));
  const listeners = new Set<(event: PoolEvent) => void>();
  const done: string[] = [];

  const stateOf = (name: string): UpstreamState => {
    const { spec, status = 'down' } = servers.get(name) ?? {};
    const problem = status === 'down' ? { problem: 'It is broken.', problemCode: 'UPSTREAM_UNAVAILABLE' } : {};
    return { name, status, phase: 'ready', required: spec?.required ?? false, restarts: 0, ...problem };
  };
  const tell = (name: string): void => {
    for (const listener of listeners) listener({ kind: 'state', state: stateOf(name) });
  };
  async function drain(name: string): Promise<void> {
    await pool.draining;
    done.push(`gone ${name}`);
  }

  const pool: FakePool = {
    done,
    broken: new Set(),
    hold: undefined,
    draining: undefined,
    start: () => Promise.resolve(),
    states: () => [...servers.keys()].map(stateOf),
    names: () => [...servers.keys()],
    state: (name) => (servers.has(name) ? stateOf(name) : undefined),
    spec: (name) => servers.get(name)?.spec,
    runningSpecs: (name) => [servers.get(name)?.spec ?? []].flat(),
    credentialsOf: () => '',
    connection: () => Promise.reject(new Error('not asked in these tests')),
    source: () => '',
    subscribe: () => Promise.reject(new Error('not asked in these tests')),
    notify: () => undefined,
    endSession: () => Promise.resolve(),
    add(spec) {
      done.push(`add ${spec.name}`);
      servers.set(spec.name, { spec, status: 'starting' });
      void Promise.resolve(pool.hold).then(() => {
        if (servers.get(spec.name)?.spec !== spec) return;
        servers.set(spec.name, { spec, status: pool.broken.has(spec.name) ? 'down' : 'up' });
        tell(spec.name);
      });
    },
    async remove(name) {
      done.push(`remove ${name}`);
      const was = servers.delete(name);
      tell(name);
      await drain(name);
      return was;
    },
    async replace(spec) {
      const { name } = spec;
      done.push(`replace ${name}`);
      await pool.hold;
      const isBroken = pool.broken.has(name);
      const old = servers.get(name);
      if (isBroken && old?.status === 'up') throw new Error('It is broken.');
      servers.set(name, { spec, status: isBroken ? 'down' : 'up' });
      tell(name);
      await drain(name);
      if (isBroken) throw new Error('It is broken.');
    },
    restart: () => Promise.reject(new Error('not asked in these tests')),
    renewSecrets: () => Promise.reject(new Error('not asked in these tests')),
    arrange(names) {
      const entries = names.flatMap((name) => {
        const server = servers.get(name);
        return server === undefined ? [] : [[name, server] as const];
      });
      servers.clear();
      for (const [name, server] of entries) servers.set(name, server);
    },
    onEvent(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    close: () => Promise.resolve(),
  };
  return pool;
}
