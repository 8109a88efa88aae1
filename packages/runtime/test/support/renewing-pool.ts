import type { HttpSpec, UpstreamSpec } from '@hostler/kernel';
import type { MissingSecret, Pool, UpstreamState } from '@hostler/upstream';

type Outcome = 'renewed' | 'restarted';

/** What a pool is to a rotation: it shows its servers, and gives one its secrets when it is told to. */
export interface RenewingPool extends Pick<Pool, 'states' | 'spec' | 'runningSpecs' | 'renewSecrets'> {
  /** Names of the servers that were to be given their secrets, in order. */
  readonly asked: readonly string[];
  /** Most renewals at the same time, over all servers and of one. */
  readonly most: { all: number; each: number };
  put(spec: UpstreamSpec, state?: Partial<UpstreamState>): void;
  take(name: string): void;
  /** What the next renewals come to; each is asked when its turn comes. */
  renew: (name: string) => Promise<Outcome>;
}

export function createRenewingPool(): RenewingPool {
  const servers = new Map<string, { readonly spec: UpstreamSpec; readonly state: UpstreamState }>();
  const asked: string[] = [];
  const running: string[] = [];
  const pool: RenewingPool = {
    asked,
    most: { all: 0, each: 0 },
    states: () => [...servers.values()].map(({ state }) => state),
    spec: (name) => servers.get(name)?.spec,
    runningSpecs: (name) => [servers.get(name)?.spec ?? []].flat(),
    put(spec, state) {
      const { name, required } = spec;
      servers.set(name, { spec, state: { name, required, status: 'up', phase: 'ready', restarts: 0, ...state } });
    },
    take: (name) => void servers.delete(name),
    renew: () => Promise.resolve('restarted'),
    async renewSecrets(name) {
      asked.push(name);
      running.push(name);
      pool.most.all = Math.max(pool.most.all, running.length);
      pool.most.each = Math.max(pool.most.each, running.filter((one) => one === name).length);
      try {
        return await pool.renew(name);
      } finally {
        running.splice(running.indexOf(name), 1);
      }
    },
  };
  return pool;
}

/** A server whose headers hold these secrets. */
export function specWith(name: string, ...references: readonly string[]): UpstreamSpec {
  const headers = Object.fromEntries(references.map((secret, index) => [`x-${index}`, { secret }]));
  const transport: HttpSpec = { kind: 'http', url: 'http://127.0.0.1:1/mcp', headers };
  return {
    name,
    transport,
    era: 'auto',
    interactive: true,
    required: false,
    startTimeout: 1_000,
    callTimeout: 1_000,
  };
}

export function missing(reference: string): MissingSecret {
  return { place: 'headers.x-0', reference, code: 'SECRET_NOT_FOUND' };
}
