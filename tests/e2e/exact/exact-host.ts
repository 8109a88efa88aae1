import { createHmac, hkdfSync } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { Agent, request as httpRequest } from 'node:http';
import type { IncomingMessage } from 'node:http';
import { join } from 'node:path';
import { createKey } from '@hostler/auth';
import { modernHeaders, modernMeta, openLegacySession, temporaryDirectory } from '@hostler/test-kit';
import { servePlan } from '../../serve.ts';
import { networkReciter, programReciter } from './reciters.ts';
import type { Reciter } from './reciters.ts';
import type { Era } from './recital.ts';

/** The server's own: it may be told, and hands it back to nobody. */
export const OWN = 'own-secret-Zk3vR8tq51';
/** Of another server. */
export const FOREIGN = 'foreign-secret-Qw7yT2mn64';
export const MASK = '[secret]';

const AUDIT_KEY = 'a key for the records of this test, long enough';
const ERAS: readonly Era[] = ['legacy', 'modern'];
const RULES = { fixed: { pin: 'pinned' }, hidden: { hide: true }, level: { default: 'low' } };

/** One way from a client of an era to a server of an era over a transport. */
export interface Path {
  readonly name: string;
  readonly clientEra: Era;
  readonly serverEra: Era;
  readonly reciter: Reciter;
  /** What clients call the tool. */
  readonly tool: string;
}

/** What a client got. */
export interface Got {
  readonly status: number;
  /** All bytes of the body. */
  readonly body: Buffer;
  /** The message in them; undefined when it broke off or is none. */
  readonly message: Buffer | undefined;
}

export interface AuditLine {
  readonly id?: string;
  readonly kind: string;
  readonly phase?: string;
  readonly trace?: string;
  readonly digest?: string;
  readonly values?: unknown;
  readonly result?: string;
  readonly code?: string;
  readonly answerBytes?: number;
}

/** A whole host as it is deployed, with a server of each kind. */
export interface ExactHost extends AsyncDisposable {
  readonly paths: readonly Path[];
  /** @param trace of this call alone: by it its records are found */
  send(path: Path, body: Uint8Array, trace: string): Promise<Got>;
  /** Ends it, and reads what it has recorded. */
  records(): Promise<readonly AuditLine[]>;
}

/** @param treatment of arguments with secrets that are not the server's */
export async function startExactHost(treatment: 'refuse' | 'mask'): Promise<ExactHost> {
  await using stack = new AsyncDisposableStack();
  const { path: folder } = stack.use(await temporaryDirectory());
  const reciters = new Map<string, readonly [Era, Reciter]>();
  for (const era of ERAS) {
    const servers = { stdio: programReciter(era, folder, `stdio-${era}`), json: networkReciter(era, 'json') };
    // oxlint-disable-next-line no-await-in-loop -- a few
    for (const [name, made] of Object.entries({ ...servers, events: networkReciter(era, 'events') }))
      reciters.set(`${name}-${era}`, [era, stack.use(await made)]);
  }
  const keeper = stack.use(await networkReciter('legacy', 'json'));
  const audit = join(folder, 'audit');
  const { key, hash } = createKey();
  const config = createConfig({ reciters, keeper, audit, hash, treatment });
  const environment = { ...process.env, OWN, FOREIGN, AUDIT_KEY };
  const served = await servePlan([], { config: JSON.stringify(config), environment });
  let closing: Promise<void> | undefined;
  const close = (): Promise<void> => (closing ??= served.close());
  stack.defer(close);
  const agent = new Agent({ keepAlive: true });
  stack.defer(() => agent.destroy());
  const url = `${served.url}/mcp`;
  const authorization = `Bearer ${key}`;
  const { headers: session } = await openLegacySession(url, { headers: { authorization } });
  const paths = [...reciters].flatMap(([name, [serverEra, reciter]]) =>
    ERAS.map((clientEra) => ({
      name: `${clientEra} client, ${name} server`,
      clientEra,
      serverEra,
      reciter,
      tool: `${name}__echo`,
    })),
  );
  const owned = stack.move();
  return {
    paths,
    send({ clientEra, tool }, body, trace) {
      const modern = modernHeaders({ method: 'tools/call', params: { name: tool } });
      const headers = clientEra === 'legacy' ? session : { ...modern, authorization };
      const types = { 'content-type': 'application/json', accept: 'application/json, text/event-stream' };
      return post(url, body, {
        agent,
        headers: { ...types, ...headers, traceparent: `00-${trace}-00f067aa0ba902b7-00` },
      });
    },
    async records() {
      await close();
      return readRecords(audit);
    },
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

interface ConfigParts {
  readonly reciters: ReadonlyMap<string, readonly [Era, Reciter]>;
  readonly keeper: Reciter;
  readonly audit: string;
  readonly hash: string;
  readonly treatment: string;
}

function createConfig({ reciters, keeper, audit, hash, treatment }: ConfigParts): object {
  const servers = [...reciters].map(([name, [, { entry }]]) => {
    const own = { own: { secret: 'env://OWN' } };
    const secret = 'command' in entry ? { env: own } : { headers: own };
    return [name, { ...entry, ...secret, timeout: '10s', tools: { echo: { arguments: RULES } } }] as const;
  });
  return {
    servers: {
      ...Object.fromEntries(servers),
      keeper: { ...keeper.entry, headers: { foreign: { secret: 'env://FOREIGN' } } },
    },
    consumers: { ci: { keys: [{ hash }], allow: ['tool:*/echo'], limits: { calls: '1000000/s', concurrent: 50 } } },
    audit: { sinks: [{ type: 'file', directory: audit }], values: ['tool:*/*'], key: { secret: 'env://AUDIT_KEY' } },
    secrets: { guard: { arguments: treatment, results: 'mask' } },
    log: { level: 'error' },
  };
}

/** What a modern client says of itself, and a legacy one does not. */
export function metaOf({ clientEra }: Path): string {
  return JSON.stringify(clientEra === 'modern' ? modernMeta() : {});
}

async function post(url: string, body: Uint8Array, options: object): Promise<Got> {
  const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>();
  httpRequest(url, { method: 'POST', ...options }, resolve)
    .on('error', reject)
    .end(body);
  const incoming = await promise;
  const chunks: Buffer[] = [];
  try {
    for await (const chunk of incoming) chunks.push(chunk as Buffer);
  } catch {
    // It broke off: what had come by then is what the client has.
  }
  const all = Buffer.concat(chunks);
  const isEvents = incoming.headers['content-type']?.includes('event-stream') ?? false;
  const message = isEvents ? dataOf(all) : all;
  return { status: incoming.statusCode ?? 0, body: all, message: incoming.complete ? message : undefined };
}

/** The data of the last event. */
function dataOf(events: Buffer): Buffer {
  const lines = events.toString('latin1').split('\n');
  return Buffer.from(lines.findLast((line) => line.startsWith('data: {'))?.slice(6) ?? '', 'latin1');
}

async function readRecords(directory: string): Promise<readonly AuditLine[]> {
  const names = (await readdir(directory)).filter((name) => name.endsWith('.jsonl'));
  const texts = await Promise.all(names.map((name) => readFile(join(directory, name), 'utf8')));
  const lines = texts.flatMap((text) => text.split('\n')).filter((line) => line !== '');
  return lines.map((line) => JSON.parse(line) as AuditLine);
}

/** As docs/audit.md says it is made: HMAC-SHA256 of the values in canonical form. */
export function digestOf(values: unknown): string {
  const key = Buffer.from(hkdfSync('sha256', AUDIT_KEY, '', 'hostler audit digest', 32));
  return createHmac('sha256', key).update(canonical(values)).digest('hex');
}

function canonical(value: unknown): string {
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`;
  const members = Object.entries(value)
    .toSorted(([one], [other]) => (one < other ? -1 : 1))
    .map(([key, inner]) => `${JSON.stringify(key)}:${canonical(inner)}`);
  return `{${members.join(',')}}`;
}
