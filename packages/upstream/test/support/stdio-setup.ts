import { performance } from 'node:perf_hooks';
import type {
  ChildResources,
  Client,
  Clock,
  HostlerError,
  JsonObject,
  Notification,
  Outcome,
  Setting,
  StdioSpec,
} from '@hostler/kernel';
import type { Connect, ConnectContext, Connection, MissingSecret, UpstreamLimits } from '@hostler/upstream';
import { createConnectStdio, defaultUpstreamLimits } from '@hostler/upstream';
import { callTool } from './make-exchange.ts';
import type { MakeExchangeOptions } from './make-exchange.ts';
import { noSecrets } from './no-secrets.ts';
import { RecordingLog } from './recording-log.ts';

/** The clock that production uses, without its runtime. */
export const realClock: Clock = {
  now: () => performance.now(),
  after(delay, callback) {
    const timer = setTimeout(callback, delay).unref();
    return () => clearTimeout(timer);
  },
};

/**
 * The real clock, which knows how long it made somebody wait and can end a wait before its time: neither depends on how
 * slow the machine is.
 */
export class WatchedClock implements Clock {
  /** Milliseconds of the waits that came to their end. */
  waited = 0;
  readonly #waits = new Set<{ readonly delay: number; readonly end: () => void }>();

  now(): number {
    return realClock.now();
  }

  after(delay: number, callback: () => void): () => void {
    const stop = (): void => {
      cancel();
      this.#waits.delete(wait);
    };
    const end = (): void => {
      stop();
      this.waited += delay;
      callback();
    };
    const wait = { delay, end };
    const cancel = realClock.after(delay, end);
    this.#waits.add(wait);
    return stop;
  }

  /** Ends the waits of this length at once. @returns how many there were */
  end(delay: number): number {
    const waits = [...this.#waits].filter((wait) => wait.delay === delay);
    for (const wait of waits) wait.end();
    return waits.length;
  }
}

export interface StdioSetup {
  readonly command: string;
  readonly args?: readonly string[];
  readonly env?: Readonly<Record<string, Setting>>;
  readonly cwd?: string;
  readonly resources?: ChildResources;
  readonly client?: Client;
  readonly callTimeout?: number;
  readonly startTimeout?: number;
  readonly era?: 'auto' | 'legacy' | 'modern';
  readonly limits?: Partial<UpstreamLimits>;
  readonly baseEnvironment?: Readonly<Record<string, string>>;
  readonly secrets?: ConnectContext['secrets'];
  readonly connect?: Connect;
  readonly clock?: Clock;
}

export interface StdioConnected extends AsyncDisposable {
  readonly connection: Connection;
  readonly log: RecordingLog;
  readonly outside: Notification[];
  /** What it was told that it goes without, each time secrets were read. */
  readonly missing: (readonly MissingSecret[])[];
  /** Resolves when the connection ends by itself. */
  readonly ended: Promise<HostlerError>;
}

/** A stop in tests need not be as patient as one in production; a busy machine needs some time to end what was killed. */
export const STOP_STEP = 1_000;

export function makeStdioContext(setup: StdioSetup): {
  readonly context: ConnectContext;
  readonly log: RecordingLog;
  readonly outside: Notification[];
  readonly missing: (readonly MissingSecret[])[];
  readonly ended: Promise<HostlerError>;
} {
  const log = new RecordingLog();
  const outside: Notification[] = [];
  const missing: (readonly MissingSecret[])[] = [];
  const { promise: ended, resolve } = Promise.withResolvers<HostlerError>();
  const { command, args = [], env = {}, cwd = process.cwd() } = setup;
  const { resources } = setup;
  const transport: StdioSpec = { kind: 'stdio', command, args, env, cwd, ...(resources && { resources }) };
  const { startTimeout = 20_000, callTimeout = 20_000, era = 'auto' } = setup;
  const context: ConnectContext = {
    spec: { name: 'child', transport, era, interactive: true, required: false, startTimeout, callTimeout },
    ...(setup.client && { client: setup.client }),
    log,
    clock: setup.clock ?? realClock,
    limits: { ...defaultUpstreamLimits, stopStep: STOP_STEP, ...setup.limits },
    secrets: setup.secrets ?? noSecrets,
    signal: AbortSignal.timeout(startTimeout),
    onNotification: (notification) => void outside.push(notification),
    onMissing: (names) => void missing.push(names),
    onClose: resolve,
  };
  return { context, log, outside, missing, ended };
}

export async function connectStdio(setup: StdioSetup): Promise<StdioConnected> {
  const { context, log, outside, missing, ended } = makeStdioContext(setup);
  const connect = setup.connect ?? createConnectStdio({ baseEnvironment: setup.baseEnvironment ?? {} });
  const connection = await connect(context);
  return { connection, log, outside, missing, ended, [Symbol.asyncDispose]: () => connection.close() };
}

/** Calls a tool and gives its structured result. */
export async function call(
  connection: Connection,
  name: string,
  given: JsonObject = {},
  options: MakeExchangeOptions = {},
): Promise<JsonObject> {
  return structured(await connection.request(callTool(name, given, options)));
}

export function structured(outcome: Outcome): JsonObject {
  const { structuredContent } = outcome.payload.value() as { readonly structuredContent?: JsonObject };
  return structuredContent ?? {};
}

/** The text of a tool's result. */
export function textOf(outcome: Outcome): string {
  const { content } = outcome.payload.value() as { readonly content?: readonly { readonly text?: string }[] };
  return content?.[0]?.text ?? '';
}

/** Resolves when the condition holds; fails after the time. */
export async function until(condition: () => boolean, milliseconds = 20_000): Promise<void> {
  const end = performance.now() + milliseconds;
  while (!condition()) {
    if (performance.now() > end) throw new Error(`not within ${milliseconds} ms: ${String(condition)}`);
    await new Promise((resolve) => void setTimeout(resolve, 10));
  }
}
