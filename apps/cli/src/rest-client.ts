import { listenForStop } from '@hostler/api/stop-signals';
import { loadConfig } from '@hostler/config';
import { isJsonObject } from '@hostler/kernel';
import type { Json, JsonObject } from '@hostler/kernel';
import type { Cli } from './cli.ts';
import { findConfig } from './config-path.ts';
import { distrustOf } from './distrusted-host.ts';
import { cliErrors } from './errors.ts';
import { fetchOverSocket } from './fetch-over-socket.ts';
import type { SocketRequest } from './fetch-over-socket.ts';
import { readHostKey } from './host-key.ts';
import type { HostKeyFlags } from './host-key.ts';
import { mendOf } from './mends.ts';
import { shownPath } from './problems.ts';
import { printableLine } from './text/printable.ts';

/** The REST interface of a host that runs. */
export interface RestClient {
  /** @throws CLI_NO_HOST, CLI_HOST_REFUSED, CLI_NOT_FOUND */
  request(method: 'GET' | 'POST' | 'PUT' | 'DELETE', path: string, body?: JsonObject): Promise<JsonObject>;
}

export interface RestTarget extends HostKeyFlags {
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
  const key = await readHostKey(cli.context, target);
  if (key !== undefined && isInClear(address)) cli.output.warn(`${cli.output.paintNote('yellow', 'note')} ${IN_CLEAR}`);
  return {
    async request(method, path, body) {
      const response = await reach(new URL(path, address.base), {
        method,
        signal: AbortSignal.any([signal, AbortSignal.timeout(PATIENCE)]),
        headers: {
          ...(key !== undefined && { authorization: `Bearer ${key}` }),
          ...(body && { 'content-type': 'application/json' }),
        },
        ...(body && { body: JSON.stringify(body) }),
      });
      const answer = parse(await response.text());
      if (!response.ok) throw refusal(answer, { status: response.status, hasKey: key !== undefined });
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
      const distrust = distrustOf(cause);
      if (distrust === undefined) throw cliErrors.NO_HOST({ details: { url: place }, cause });
      const message = `The certificate of ${place} is not believed here: ${printableLine(distrust)}.\n  ${DISTRUST_MEND}`;
      throw cliErrors.HOST_REFUSED({ details: { message }, cause });
    }
  }
}

const DISTRUST_MEND =
  'Name the file of its authority in NODE_EXTRA_CA_CERTS, and the host by a name in its certificate with --url URL.';
const IN_CLEAR = 'The key goes over the network as plain text, where others can read it: use https.';

/** Whether what is sent can be read on its way: nobody but this machine sees what goes to itself. */
function isInClear({ base, socket }: HostAddress): boolean {
  const { protocol, hostname } = new URL(base);
  const isOwn = hostname === 'localhost' || hostname === '[::1]' || /^127(?:\.\d{1,3}){3}$/.test(hostname);
  return socket === undefined && protocol === 'http:' && !isOwn;
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
  return { base: `${listen.tls === undefined ? 'http' : 'https'}://${host}:${port}` };
}

function parse(text: string): JsonObject {
  try {
    const value = (text === '' ? {} : JSON.parse(text)) as Json;
    return isJsonObject(value) ? value : {};
  } catch {
    return {};
  }
}

interface RefusalFacts {
  readonly status: number;
  /** Whether the host was shown a key. */
  readonly hasKey: boolean;
}

function refusal(problem: JsonObject, { status, hasKey }: RefusalFacts): Error {
  const { detail, code, problems } = problem;
  const message = printableLine(typeof detail === 'string' ? detail : `It answered with status ${status}.`);
  if (status === 404 && code === 'SERVER_NOT_FOUND') return cliErrors.SERVER_UNKNOWN({ details: { message } });
  const lines = (Array.isArray(problems) ? (problems as readonly Json[]) : []).filter(isJsonObject).map(describe);
  const mend = status === 401 || status === 403 ? accessMend(status, { code, hasKey }) : [];
  const all = [message, ...lines, ...mend].join('\n  ');
  return cliErrors.HOST_REFUSED({
    details: { message: all, ...(typeof code === 'string' && { reason: code }), ...(problems && { problems }) },
  });
}

/** What to do about an answer that means: not you. Hosts behind a proxy may answer without a code. */
function accessMend(
  status: 401 | 403,
  { code, hasKey }: { code: Json | undefined; hasKey: boolean },
): readonly string[] {
  if (status === 401 && !hasKey) return [mendOf({ problemCode: 'AUTH_MISSING' }) ?? ''];
  const isAboutAccess = typeof code === 'string' && (code.startsWith('AUTH_') || code === 'API_FORBIDDEN');
  const known = isAboutAccess ? mendOf({ problemCode: code }) : undefined;
  if (known !== undefined) return [known];
  // Rules about addresses, origins and settings say themselves what they want.
  return status === 401 ? [mendOf({ problemCode: 'AUTH_INVALID' }) ?? ''] : [];
}

function describe({ pointer, parameter, path, message, hint, line }: JsonObject): string {
  const place = [pointer, parameter, path].find((one) => typeof one === 'string' && one !== '');
  const where = typeof line === 'number' ? `line ${line} ${typeof place === 'string' ? place : ''}` : place;
  const why = `${typeof message === 'string' ? message : 'is wrong'}${typeof hint === 'string' ? ` (${hint})` : ''}`;
  return printableLine(typeof where === 'string' ? `${where.trim()}: ${why}` : why);
}
