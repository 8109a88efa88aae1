import type { HostPlan } from '@hostler/config';
import { Payload } from '@hostler/kernel';
import type { Exchange, JsonObject, Outcome } from '@hostler/kernel';
import { textOf } from '../../src/lists.ts';
import type { Runtime, SecretRow } from '@hostler/runtime';
import type { PoolEvent, UpstreamState } from '@hostler/upstream';

/** A tool's definition and what it answers. */
export interface FakeServer {
  readonly name: string;
  readonly down?: string;
  /** Default: UPSTREAM_UNAVAILABLE. */
  readonly problemCode?: string;
  readonly tools?: readonly JsonObject[];
  readonly prompts?: readonly JsonObject[];
  readonly resources?: readonly JsonObject[];
  readonly answer?: (exchange: Exchange) => JsonObject | Promise<JsonObject>;
}

export interface FakeSecrets {
  /** What a look at the secrets finds. */
  readonly rows?: readonly SecretRow[];
  /** A value to mask. */
  readonly value?: string;
}

export interface FakeRuntime extends Runtime {
  readonly exchanges: readonly Exchange[];
  readonly isClosed: () => boolean;
  readonly emit: (event: PoolEvent) => void;
}

const noSecrets = { stale: [], failing: [], rotations: [] };
const noLog = { debug() {}, info() {}, warn() {}, error() {} };

/** A host with servers that exist only here: lists from their definitions, everything else from `answer`. */
export function createFakeRuntime(plan: HostPlan, all: readonly FakeServer[], secrets: FakeSecrets = {}): FakeRuntime {
  const servers = all.filter(({ name }) => plan.servers.some((spec) => spec.name === name));
  const exchanges: Exchange[] = [];
  const listeners = new Set<(event: PoolEvent) => void>();
  const redact = (text: string): string =>
    secrets.value === undefined ? text : text.replaceAll(secrets.value, '[secret]');
  let phase: 'starting' | 'running' | 'stopping' = 'starting';
  let closed = false;

  async function dispatch(exchange: Exchange): Promise<Outcome> {
    exchanges.push(exchange);
    exchange.signal.throwIfAborted();
    const { method } = exchange.request;
    const { scope } = exchange;
    const asked = servers.filter(
      ({ name, down }) => down === undefined && (scope.kind === 'all' || scope.name === name),
    );
    const isAll = scope.kind === 'all';
    const list = (key: 'tools' | 'prompts' | 'resources') =>
      asked.flatMap((server) =>
        (server[key] ?? []).map((entry) =>
          isAll && key !== 'resources' ? { ...entry, name: `${server.name}__${textOf(entry, 'name')}` } : entry,
        ),
      );
    switch (method) {
      case 'tools/list':
        return result({ tools: list('tools') });
      case 'prompts/list':
        return result({ prompts: list('prompts') });
      case 'resources/list':
        return result({ resources: list('resources') });
      case 'resources/templates/list':
        return result({ resourceTemplates: [] });
      default: {
        const answer = await asked.find(({ answer }) => answer)?.answer?.(exchange);
        if (answer && 'code' in answer) return { kind: 'error', era: 'modern', payload: Payload.of(answer) };
        return result(answer ?? {});
      }
    }
  }

  const states = (): UpstreamState[] => servers.map((server) => toState(server, phase));
  return {
    plan,
    log: noLog,
    logs: { of: () => noLog, levels: () => plan.log, change: () => undefined },
    clock: { now: () => performance.now(), after: () => () => undefined },
    anonymous: { name: 'anonymous' },
    audit: undefined,
    onChange: () => () => undefined,
    renewServer: () => Promise.resolve(),
    serveWorker: () => Promise.reject(new Error('not asked in these tests')),
    tokens: {
      desk: {
        origin: undefined,
        isSecure: false,
        find: notAsked,
        confirm: notAsked,
        idOf: () => undefined,
        answer: () => Promise.reject(new Error('not asked in these tests')),
        clientMetadata: () => undefined,
      },
      list: () => Promise.resolve([]),
      revoke: () => Promise.resolve(false),
      listensAt: () => undefined,
    },
    consumers: {
      isOpen: plan.consumers === undefined,
      identify: () => ({ name: 'anonymous' }),
      isGood: () => true,
      names: () => [],
      signedHeaders: [],
      onChange: () => () => undefined,
    },
    host: {
      dispatch,
      describe: () => Promise.reject(new Error('not asked in these tests')),
      has: (scope) => scope.kind === 'all' || servers.some(({ name }) => name === scope.name),
      notify: () => undefined,
      restSession: () => Promise.resolve(),
      wakeSession: () => undefined,
      endSession: () => Promise.resolve(),
      onEvent: () => () => undefined,
      servers: states,
      regroup: () => undefined,
      viewsChanged: () => undefined,
      conflicts: () => Promise.resolve([]),
      trust: () => undefined,
      drift: () => [],
      observed: () => Promise.resolve(new Map()),
      close: () => Promise.resolve(),
    },
    tls: { read: () => Promise.resolve(undefined), onChange: () => () => undefined },
    limits: { specOf: () => undefined, store: () => undefined },
    // Commands that work with a host of their own change nothing in it.
    servers: {} as Runtime['servers'],
    lock: {
      file: undefined,
      exists: () => false,
      drift: () => [],
      compare: () => Promise.resolve([]),
      approve: () => Promise.reject(new Error('not asked in these tests')),
    },
    apply: () => Promise.reject(new Error('not asked in these tests')),
    reload: () => Promise.reject(new Error('not asked in these tests')),
    async start() {
      phase = 'running';
      for (const state of states()) for (const listener of listeners) listener({ kind: 'state', state });
    },
    readiness: () => ({
      phase,
      ready: phase === 'running',
      servers: states(),
      configuration: { generation: 1 },
      secrets: noSecrets,
    }),
    onEvent(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    secrets: {
      list: () => secrets.rows ?? [],
      check: () => Promise.resolve(secrets.rows ?? []),
      rotate: () => Promise.reject(new Error('not asked in these tests')),
      leaks: () => [],
      rotations: () => ({ renewed: 0, restarted: 0, kept: 0 }),
    },
    redact,
    redactBytes: (bytes) => Buffer.from(redact(Buffer.from(bytes).toString())),
    close() {
      closed = true;
      phase = 'stopping';
      return Promise.resolve();
    },
    exchanges,
    isClosed: () => closed,
    emit: (event) => listeners.forEach((listener) => listener(event)),
  };
}

function toState(server: FakeServer, phase: string): UpstreamState {
  const { name, down, problemCode = 'UPSTREAM_UNAVAILABLE' } = server;
  if (phase === 'starting') return { name, status: 'starting', phase: 'connecting', required: false, restarts: 0 };
  if (down !== undefined) {
    return { name, status: 'down', phase: 'closed', required: false, restarts: 0, problem: down, problemCode };
  }
  const capabilities = Object.fromEntries(
    (['tools', 'prompts', 'resources'] as const).filter((key) => server[key]).map((key) => [key, {}]),
  );
  return {
    name,
    status: 'up',
    phase: 'ready',
    required: false,
    restarts: 0,
    startedIn: 12.4,
    server: { era: 'legacy', revisions: ['2025-11-25'], info: { name, version: '1' }, capabilities, original: {} },
  };
}

function result(value: JsonObject): Outcome {
  return { kind: 'result', era: 'modern', payload: Payload.of(value) };
}

function notAsked(): never {
  throw new Error('not asked in these tests');
}
