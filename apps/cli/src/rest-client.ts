import { listenForStop } from '@hostler/api/stop-signals';
import { loadConfig } from '@hostler/config';
import { isJsonObject } from '@hostler/kernel';
import type { Json, JsonObject } from '@hostler/kernel';
import type { Cli } from './cli.ts';
import { findConfig } from './config-path.ts';
import { cliErrors } from './errors.ts';
import { fetchOverSocket } from './fetch-over-socket.ts';
import type { SocketRequest } from './fetch-over-socket.ts';
import { shownPath } from './problems.ts';
import { printableLine } from './text/printable.ts';

/** The REST interface of a host that runs. */
export interface RestClient {
  /** @throws CLI_NO_HOST, CLI_HOST_REFUSED, CLI_NOT_FOUND */
  request(method: 'GET' | 'POST' | 'PUT' | 'DELETE', path: string, body?: JsonObject): Promise<JsonObject>;
}

export interface RestTarget {
  /** Where the host listens; by default where the configuration says. */
  readonly url?: string;
}

/** Longer than a server may take to start and its predecessor to finish. */
const PATIENCE = 15 * 60_000;

/** Asks a running host; Ctrl-C ends that. */
export async function withClient(
  cli: Cli,
  target: RestTarget,
  work: (client: RestClient) => Promise<number>,
): Promise<number> {
  const requests = listenForStop(cli.context.signals);
  try {
    return await work(await createRestClient(cli, target, requests.stop));
  } finally {
    requests.release();
  }
}

async function createRestClient(cli: Cli, target: RestTarget, signal: AbortSignal): Promise<RestClient> {
  const address = target.url === undefined ? await configuredAddress(cli) : { base: givenUrl(target.url) };
  return {
    async request(method, path, body) {
      const response = await reach(new URL(path, address.base), {
        method,
        signal: AbortSignal.any([signal, AbortSignal.timeout(PATIENCE)]),
        ...(body && { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } }),
      });
      const answer = parse(await response.text());
      if (!response.ok) throw refusal(answer, response.status);
      return answer;
    },
  };

  async function reach(url: URL, request: SocketRequest): Promise<Response> {
    const { base, socket } = address;
    try {
      if (socket !== undefined) return await fetchOverSocket(socket, url, request);
      return await fetch(url, { ...request, redirect: 'error' });
    } catch (cause) {
      if (signal.aborted) throw cliErrors.INTERRUPTED();
      const place = socket === undefined ? base : `the socket ${shownPath(socket, cli.context.workingDirectory)}`;
      throw cliErrors.NO_HOST({ details: { url: place }, cause });
    }
  }
}

function givenUrl(text: string): string {
  if (/^https?:\/\//.test(text) && URL.canParse(text)) return new URL(text).origin;
  throw cliErrors.USAGE({ details: { problem: '--url takes the address of a host, such as http://127.0.0.1:8000' } });
}

interface HostAddress {
  /** Without a path. */
  readonly base: string;
  /** The unix socket to reach it over. */
  readonly socket?: string;
}

/** As `run` decides it: PORT comes before a socket of the configuration. */
async function configuredAddress({ context, options }: Cli): Promise<HostAddress> {
  const { environment } = context;
  const path = await findConfig(context, { option: options.config });
  const { listen } = (await loadConfig(path, { environment })).plan;
  if (listen.socket !== undefined && !environment['PORT']) return { base: 'http://localhost', socket: listen.socket };
  const port = environment['PORT'] || String(listen.port);
  if (port === '0') {
    const problem = 'The configuration leaves the port open: name the address of the host with --url.';
    throw cliErrors.USAGE({ details: { problem } });
  }
  const host = listen.host.includes(':') && !listen.host.startsWith('[') ? `[${listen.host}]` : listen.host;
  return { base: `http://${host}:${port}` };
}

function parse(text: string): JsonObject {
  try {
    const value = (text === '' ? {} : JSON.parse(text)) as Json;
    return isJsonObject(value) ? value : {};
  } catch {
    return {};
  }
}

function refusal(problem: JsonObject, status: number): Error {
  const { detail, code, problems } = problem;
  const message = printableLine(typeof detail === 'string' ? detail : `It answered with status ${status}.`);
  if (status === 404 && code === 'SERVER_NOT_FOUND') return cliErrors.SERVER_UNKNOWN({ details: { message } });
  const lines = (Array.isArray(problems) ? (problems as readonly Json[]) : []).filter(isJsonObject).map(describe);
  const all = [message, ...lines].join('\n  ');
  return cliErrors.HOST_REFUSED({
    details: { message: all, ...(typeof code === 'string' && { reason: code }), ...(problems && { problems }) },
  });
}

function describe({ pointer, parameter, path, message, hint, line }: JsonObject): string {
  const place = [pointer, parameter, path].find((one) => typeof one === 'string' && one !== '');
  const where = typeof line === 'number' ? `line ${line} ${typeof place === 'string' ? place : ''}` : place;
  const why = `${typeof message === 'string' ? message : 'is wrong'}${typeof hint === 'string' ? ` (${hint})` : ''}`;
  return printableLine(typeof where === 'string' ? `${where.trim()}: ${why}` : why);
}
