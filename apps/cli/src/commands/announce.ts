import type { Listening } from '@hostler/api';
import type { HostPlan } from '@hostler/config';
import type { UpstreamState } from '@hostler/upstream';
import type { Cli } from '../cli.ts';
import type { LastWords } from '../last-words.ts';
import { shownPath } from '../problems.ts';
import { printProblems, printSummaries } from '../server-summary.ts';
import type { ServerSummary } from '../server-summary.ts';
import { describeState } from '../text/progress.ts';
import { wrap } from '../text/wrap.ts';

export interface ReadyFacts {
  readonly listening: Listening;
  readonly servers: readonly ServerSummary[];
  readonly wantedPort: number;
  readonly plan: HostPlan;
  readonly lastWords: LastWords;
}

/** What a person needs once the host is there: what runs, what does not, where to connect, and the next step. */
export function announceReady({ context, output }: Cli, facts: ReadyFacts): void {
  const { listening, servers, wantedPort, plan, lastWords } = facts;
  const base = reachableUrl(plan, listening.url);
  const url = `${base}/mcp`;
  if (output.isJson) {
    const { port, socket } = listening;
    const consumers = plan.consumers?.map(({ name }) => name);
    return output.json(
      {
        event: 'ready',
        url: `${listening.url}/mcp`,
        port,
        ...(socket !== undefined && { socket }),
        servers,
        ...(consumers && { consumers }),
      },
      'compact',
    );
  }
  output.print(`${output.paint('bold', 'hostler')} ${shownPath(plan.source, context.workingDirectory)}`);
  output.print('');
  if (servers.length === 0) output.print('No servers. Add one under "servers" in the configuration.');
  else printSummaries(output, servers, ['tools']);
  printProblems(output, servers, lastWords);
  output.print('');
  if (listening.socket !== undefined) {
    output.print(`On the unix socket ${output.paint('cyan', shownPath(listening.socket, context.workingDirectory))}`);
  } else if (wantedPort !== 0 && wantedPort !== listening.port) {
    output.print(`${output.paint('yellow', `Port ${wantedPort} was taken, using ${listening.port}.`)}`);
  }
  output.print(`All servers   ${output.paint('cyan', url)}`);
  if (servers.length > 0)
    output.print(`One server    ${output.paint('cyan', `${base}/servers/${exampleName(servers)}/mcp`)}`);
  for (const line of wrap(accessLine(plan), output.width)) output.print(output.paint('dim', line));
  output.print('');
  if (listening.socket === undefined) output.print(`Next: ${connectLine(plan, url)}`);
  output.print(output.paint('dim', 'Ctrl-C stops.'));
  return undefined;
}

/** What listens on every address is reached under a name of its own: no client can ask for `0.0.0.0`. */
function reachableUrl({ listen: { allowedHosts = [] } }: HostPlan, url: string): string {
  const [name] = allowedHosts;
  const every = /\/\/(?:0\.0\.0\.0|\[::\])(:\d+)$/.exec(url);
  if (name === undefined || every === null) return url;
  return url.replace(every[0], `//${/:\d+$/.test(name) ? name : `${name}${every[1]}`}`);
}

const OPENNESS = 'Open to all programs of this machine, to no other: no consumer is configured.';
const MAX_NAMES = 8;

/** Who gets in. */
function accessLine({ consumers }: HostPlan): string {
  if (consumers === undefined) return OPENNESS;
  if (consumers.length === 0) return 'Nobody gets in: "consumers" of the configuration is empty.';
  const names = consumers.slice(0, MAX_NAMES).map(({ name }) => name);
  const more = consumers.length > MAX_NAMES ? ` and ${consumers.length - MAX_NAMES} more` : '';
  const whom = consumers.length === 1 ? 'one consumer, with' : `${consumers.length} consumers, each with`;
  const proof = consumers.some(({ certificates }) => certificates) ? 'a key, token or certificate' : 'a key or token';
  return `For ${whom} ${proof} of its own: ${names.join(', ')}${more}.`;
}

/** The next step. The key stays in the variable: what is typed is kept by the shell. */
function connectLine({ consumers }: HostPlan, url: string): string {
  const connect = `claude mcp add --transport http hostler ${url}`;
  if (consumers === undefined) return connect;
  if (consumers.length === 0) return 'hostler keys create NAME, and add what it prints to the configuration';
  return `${connect} --header "Authorization: Bearer $HOSTLER_KEY"`;
}

function exampleName(servers: readonly ServerSummary[]): string {
  return (servers.find(({ status }) => status === 'up') ?? servers[0])?.name ?? '';
}

/** A server that changed its state while the host runs. */
export function announceState({ output }: Cli, state: UpstreamState, lastWords: LastWords): void {
  if (output.isJson) {
    const { name, status, problem } = state;
    return output.json({ event: 'server', name, status, ...(problem !== undefined && { problem }) }, 'compact');
  }
  output.note(`${state.name}: ${describeState(state)}`);
  if (state.status !== 'up') for (const line of lastWords.of(state.name)) output.note(`  | ${line}`);
  return undefined;
}
