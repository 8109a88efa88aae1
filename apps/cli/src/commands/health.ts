import process from 'node:process';
import type { Cli } from '../cli.ts';
import { cliErrors } from '../errors.ts';
import { exitCodes } from '../exit-codes.ts';

export interface HealthFlags {
  readonly live?: boolean;
  readonly url?: string;
  /** Seconds, as typed. */
  readonly timeout: string;
}

const DEFAULT_PORT = '8000';
const LONGEST_TIMEOUT = 60;
/** More than any answer to a probe. */
const MOST_BYTES = 64 * 1024;

interface Finding {
  readonly healthy: boolean;
  /** What the host says of itself; else why there is nothing. */
  readonly status: string;
  readonly url: string;
  readonly milliseconds: number;
}

/**
 * `hostler health`: whether the host on this machine is ready, for what supervises it (HEALTHCHECK of an image). It is asked
 * every few seconds: no configuration is read, and nothing is loaded that one request does not need.
 */
export async function runHealth({ context, output }: Cli, flags: HealthFlags): Promise<number> {
  const timeout = Number(flags.timeout);
  if (!Number.isFinite(timeout) || timeout <= 0 || timeout > LONGEST_TIMEOUT) {
    throw cliErrors.USAGE({ details: { problem: `--timeout takes seconds, up to ${LONGEST_TIMEOUT}` } });
  }
  const base = baseOf(flags.url, context.environment['PORT']);
  const started = performance.now();
  const url = new URL(flags.live === true ? '/livez' : '/readyz', base);
  const answer = await ask(url, { signal: AbortSignal.timeout(timeout * 1_000), isGiven: flags.url !== undefined });
  const milliseconds = Math.round(performance.now() - started);
  const finding: Finding = { ...answer, milliseconds };
  if (output.isJson) output.json(finding);
  else output.print(`${finding.status} (${finding.url}, ${milliseconds} ms)`);
  return finding.healthy ? exitCodes.OK : exitCodes.SERVER_DOWN;
}

function baseOf(given: string | undefined, port: string | undefined): string {
  if (given === undefined) return `http://127.0.0.1:${/^\d{1,5}$/.test(port ?? '') ? port : DEFAULT_PORT}`;
  if (/^https?:\/\//.test(given) && URL.canParse(given)) return given;
  throw cliErrors.USAGE({ details: { problem: '--url takes the address of a host, such as http://127.0.0.1:8000' } });
}

interface Asking {
  readonly signal: AbortSignal;
  /** The address was named: then it is meant as it stands. */
  readonly isGiven: boolean;
}

type Answer = Omit<Finding, 'milliseconds'>;

/** A host that speaks TLS ends a plain connection without an answer, so it is asked again. */
async function ask(url: URL, { signal, isGiven }: Asking): Promise<Answer> {
  try {
    return await request(url, signal);
  } catch (error) {
    const code = codeOf(error);
    const isFinal = isGiven || signal.aborted || code === 'ECONNREFUSED';
    if (isFinal) return { healthy: false, status: reasonOf(code, signal), url: url.href };
  }
  const secure = new URL(url.href.replace(/^http:/, 'https:'));
  try {
    return await request(secure, signal);
  } catch (error) {
    return { healthy: false, status: reasonOf(codeOf(error), signal), url: secure.href };
  }
}

function request(url: URL, signal: AbortSignal): Promise<Answer> {
  const isTls = url.protocol === 'https:';
  // Imported, each would read all its properties, and one of them loads Node's own undici.
  const open = process.getBuiltinModule(isTls ? 'node:https' : 'node:http').request;
  const isOwn = url.hostname === '127.0.0.1' || url.hostname === 'localhost' || url.hostname === '[::1]';
  const { promise, resolve, reject } = Promise.withResolvers<Answer>();
  // A certificate is for the names that clients use. What comes from this machine's own port goes to nobody else, and
  // nothing secret is sent.
  const sent = open(url, { signal, agent: false, ...(isTls && isOwn && { rejectUnauthorized: false }) }, (response) => {
    let text = '';
    response.setEncoding('utf8');
    response.on('data', (chunk: string) => {
      if (text.length < MOST_BYTES) text += chunk;
    });
    response.on('error', reject);
    response.on('end', () => {
      const healthy = response.statusCode === 200;
      const status = statusOf(text) ?? (healthy ? 'alive' : `status ${response.statusCode}`);
      resolve({ healthy, status, url: url.href });
    });
  });
  sent.on('error', reject);
  sent.end();
  return promise;
}

/** The states a host has (`describeReadiness`, `describeHealth`): whatever else answers may not put words here. */
const STATES: ReadonlySet<string> = new Set(['ready', 'not ready', 'ok', 'degraded', 'starting', 'stopping']);

function statusOf(text: string): string | undefined {
  try {
    const { status } = JSON.parse(text) as { readonly status?: unknown };
    return typeof status === 'string' && STATES.has(status) ? status : undefined;
  } catch {
    return undefined;
  }
}

function codeOf(error: unknown): string {
  const { code, name } = error as { readonly code?: unknown; readonly name?: unknown };
  return String(code ?? name);
}

function reasonOf(code: string, signal: AbortSignal): string {
  if (signal.aborted) return 'no answer in time';
  return code === 'ECONNREFUSED' ? 'nothing listens' : `no answer: ${code}`;
}
