import type { Writable } from 'node:stream';
import { createExchange } from '@hostler/host';
import type { HostPlan } from '@hostler/config';
import { listenForStop } from '@hostler/api/stop-signals';
import { isJsonObject } from '@hostler/kernel';
import type { Consumer, Json, JsonObject, Notification, Scope } from '@hostler/kernel';
import type { Runtime } from '@hostler/runtime';
import type { UpstreamState } from '@hostler/upstream';
import { actingConsumer, actingView, bundleNamed, operator } from './acting-consumer.ts';
import type { ActingFlags } from './acting-consumer.ts';
import type { Cli } from './cli.ts';
import type { LogLevel } from './context.ts';
import { cliErrors } from './errors.ts';
import { loadPlan, readPlan } from './load-plan.ts';
import type { Masking } from './masking.ts';
import { createLogStream } from './log-stream.ts';
import { watchStates } from './server-states.ts';
import { printableLine } from './text/printable.ts';
import { createProgress, noProgress } from './text/progress.ts';
import type { Progress } from './text/progress.ts';

export interface SessionOptions extends ActingFlags {
  /** Start and address this server alone. */
  readonly server?: string | undefined;
  /** Public name of a tool or prompt: when it begins with the name of a server, only that one is started. */
  readonly publicName?: string;
}

export interface RequestOptions {
  readonly scope?: Scope;
  readonly onNotification?: (notification: Notification) => void;
}

/** A host that runs inside this command. */
export interface HostSession {
  readonly runtime: Runtime;
  readonly scope: Scope;
  readonly states: readonly UpstreamState[];
  readonly signal: AbortSignal;
  /** The result of a request. @throws CLI_CALL_FAILED with a server's own error, and what the host throws. */
  request(method: string, params: JsonObject, options?: RequestOptions): Promise<JsonObject>;
}

/** Starts the servers of the configuration in this process, does the work, and stops them whatever happened. */
export async function withHost<Result>(
  cli: Cli,
  options: SessionOptions,
  work: (session: HostSession) => Promise<Result>,
): Promise<Result> {
  const { plan } = await loadPlan(cli);
  const consumer = actingConsumer(plan, options.as);
  const view = actingView(plan, options);
  const { plan: narrowed, scope } = narrow(plan, options);
  const { masking } = cli;
  const requests = listenForStop(cli.context.signals);
  const signal = requests.stop;
  const progress = cli.output.progress ? createProgress(cli.output, namesOf(narrowed)) : noProgress;
  const log = createLogStream(cli, cli.output.progress ? { write: progress.write } : {});
  try {
    const runtime = await openRuntime(cli, unwatched(narrowed), { level: 'error', log });
    try {
      const all = await startServers(runtime, { progress, signal, masking });
      // Of what the consumer does not see, it is not said that it is missing either.
      const states = view === undefined ? all : all.filter(({ name }) => view.hasServer(name));
      const request = createRequest(runtime, { scope, consumer, signal, masking });
      const session = { runtime, scope, signal, states, request };
      if (scope.kind === 'server') requireUp(states, scope.name);
      return await orInterrupted(work(session), signal);
    } finally {
      await runtime.close();
    }
  } finally {
    progress.finish();
    requests.release();
  }
}

interface Starting {
  readonly progress: Progress;
  readonly signal: AbortSignal;
  readonly masking: Masking;
}

async function startServers(
  runtime: Runtime,
  { progress, signal, masking }: Starting,
): Promise<readonly UpstreamState[]> {
  const states = watchStates(runtime, masking);
  const unwatch = states.onChange(progress.update);
  await orInterrupted(runtime.start(), signal);
  unwatch();
  progress.finish();
  return states.now();
}

export interface OpenOptions {
  /** What is logged unless the person asked for more or less; absent: what the configuration says. */
  readonly level?: LogLevel;
  readonly log?: Writable;
  /** Where the audit record goes that is wanted on standard output; standard error where that belongs to the result. */
  readonly auditOutput?: Writable;
  /** What of the configuration is used, also when it is read again. */
  readonly adjust?: (plan: HostPlan) => HostPlan;
  /** Processes that answer clients; absent: one. */
  readonly workers?: number;
}

/** `plan` is the configuration as it was read. */
export async function openRuntime(cli: Cli, plan: HostPlan, options: OpenOptions = {}): Promise<Runtime> {
  const { level, log = createLogStream(cli), adjust = (same) => same, auditOutput = cli.context.stderr } = options;
  const { workers } = options;
  const { environment } = cli.context;
  const wanted = cli.options.logLevel ?? level;
  const used = (read: HostPlan): HostPlan => {
    const adjusted = adjust(read);
    return wanted === undefined ? adjusted : { ...adjusted, log: { ...adjusted.log, level: wanted } };
  };
  const { crashes } = cli.context;
  const { logCrashes, ...own } = await import('@hostler/runtime');
  const { createRuntime = own.createRuntime } = cli.context;
  const runtime = await createRuntime({
    plan: used(plan),
    environment,
    logDestination: log,
    auditOutput,
    ...(workers !== undefined && { workers }),
    load: async () => used((await readPlan(plan.source, cli.context)).plan),
  });
  cli.masking.use(runtime);
  if (crashes !== undefined) logCrashes(crashes, runtime.log);
  return runtime;
}

/** For a command that is over soon: what happens to the file meanwhile is no matter. */
export function unwatched(plan: HostPlan): HostPlan {
  return { ...plan, reload: { watch: false } };
}

/** @throws CLI_SERVER_DOWN with the reason and its mend. */
function requireUp(states: readonly UpstreamState[], name: string): void {
  const state = states.find((candidate) => candidate.name === name);
  if (state === undefined || state.status === 'up') return;
  throw cliErrors.SERVER_DOWN({ details: { server: name, problem: problemOf(state) } });
}

/**
 * Of what is looked for by its public name: the server that the name begins with must be up, or at least one of all.
 * @throws CLI_SERVER_DOWN
 */
export function requireOwnerUp(states: readonly UpstreamState[], publicName: string): void {
  const owner = states.find(({ name }) => publicName.startsWith(`${name}__`));
  if (owner !== undefined) return requireUp(states, owner.name);
  const [first] = states;
  if (first !== undefined && states.every(({ status }) => status !== 'up')) requireUp(states, first.name);
  return undefined;
}

export function problemOf(state: UpstreamState): string {
  return printableLine(state.problem ?? `it is ${state.status}.`);
}

/** The servers to start, and what of the host to address. @throws CLI_USAGE for a server or bundle that is not configured */
export function narrow(
  plan: HostPlan,
  { server, publicName, as, bundle }: SessionOptions,
): { plan: HostPlan; scope: Scope } {
  if (bundle !== undefined) bundleNamed(plan, bundle, as);
  if (server !== undefined) {
    const servers = plan.servers.filter(({ name }) => name === server);
    if (servers.length === 0) throw unknownServer(plan, server);
    return { plan: { ...plan, servers }, scope: { kind: 'server', name: server } };
  }
  const servers = plan.servers.filter(({ name }) => publicName?.startsWith(`${name}__`));
  const scope: Scope = { kind: 'all', ...(bundle !== undefined && { bundle }) };
  return { plan: servers.length === 0 ? plan : { ...plan, servers }, scope };
}

function namesOf({ servers }: HostPlan): string[] {
  return servers.map(({ name }) => name);
}

function unknownServer(plan: HostPlan, name: string): Error {
  const names = namesOf(plan).join(', ');
  return cliErrors.USAGE({ details: { problem: `No server is called "${name}". There are: ${names || 'none'}.` } });
}

export interface RequestFacts {
  readonly masking: Masking;
  readonly scope: Scope;
  /** Default: who may see everything. */
  readonly consumer?: Consumer;
  readonly signal: AbortSignal;
}

/** Requests of this command to its own host. */
export function createRequest(runtime: Runtime, facts: RequestFacts): HostSession['request'] {
  const { scope, consumer = operator, signal, masking } = facts;
  return async (method, params, options = {}) => {
    const outcome = await runtime.host.dispatch(
      createExchange({
        method,
        params,
        scope: options.scope ?? scope,
        consumer,
        signal,
        entry: 'cli',
        ...(options.onNotification && { onNotification: options.onNotification }),
      }),
    );
    // Before it is laid out: half a secret, at the end of a line that was cut, is found by nobody.
    const value = masking.value(outcome.payload.value());
    if (outcome.kind === 'error') throw callFailed(value);
    return isJsonObject(value) ? value : {};
  };
}

/** -32002: "resource not found" of the legacy era (MCP specification 2025-11-25, server/resources). */
const RESOURCE_NOT_FOUND = -32_002;

function callFailed(value: Json): Error {
  const error = isJsonObject(value) ? value : {};
  const { code, message } = error;
  const text = printableLine(typeof message === 'string' ? message : 'The server refused without a reason.');
  if (code === RESOURCE_NOT_FOUND) {
    return cliErrors.NOT_FOUND({ details: { kind: 'resource', name: 'at this URI', hint: ` ${text}` } });
  }
  return cliErrors.CALL_FAILED({ details: { message: text, error } });
}

/** @throws CLI_INTERRUPTED as soon as the signal fires */
export async function orInterrupted<Value>(work: Promise<Value>, signal: AbortSignal): Promise<Value> {
  if (signal.aborted) throw cliErrors.INTERRUPTED();
  const { promise, reject } = Promise.withResolvers<never>();
  const onAbort = (): void => reject(cliErrors.INTERRUPTED());
  signal.addEventListener('abort', onAbort, { once: true });
  try {
    return await Promise.race([work, promise]);
  } finally {
    signal.removeEventListener('abort', onAbort);
  }
}
