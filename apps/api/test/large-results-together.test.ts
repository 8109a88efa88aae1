import { once } from 'node:events';
import { Agent, request as httpRequest } from 'node:http';
import type { IncomingMessage } from 'node:http';
import { modernHeaders, modernRequest, openLegacySession, settle } from '@hostler/test-kit';
import { expect, it, vi } from 'vitest';
import { bearer, newKey, startRig } from './support/consumers-rig.ts';
import type { ConsumersRig, Headers } from './support/consumers-rig.ts';
import { createRandom } from './support/random.ts';
import { randomContent, resultOf } from './support/random-results.ts';
import type { Era, Order } from './support/random-results.ts';
import { startRandomUpstream } from './support/random-upstream.ts';
import type { RandomUpstream } from './support/random-upstream.ts';

const SECRET = 'a-secret-of-this-host-81c0d7';
const CALLS_EACH = 3;
/** Bytes: the sockets between hold less. */
const MORE_THAN_FITS = 16_000_000;
const keys = [newKey(), newKey()];

/** How a client takes its answers. One that stops goes on when nothing moves any more. */
type Pace = 'fast' | 'slow' | 'stops' | 'leaves';

interface ClientKind {
  readonly era: Era;
  readonly server: Era;
  readonly pace: Pace;
  /** Takes events only. */
  readonly events?: true;
  /** Its requests come in chunks, which Node's own parser reads. */
  readonly chunks?: true;
  /** Bytes of its results; by default 0.3 to 3 MB. */
  readonly bytes?: number;
}

const legacy = { era: 'legacy', server: 'legacy' } as const;
const modern = { era: 'modern', server: 'modern' } as const;
const translated = { era: 'legacy', server: 'modern' } as const;
/** Its results are held, and are given what a modern one has more. */
const held = { era: 'modern', server: 'legacy' } as const;

const CLIENTS: readonly ClientKind[] = [
  { ...legacy, pace: 'fast' },
  { ...legacy, pace: 'fast', events: true },
  { ...legacy, pace: 'fast', chunks: true },
  { ...legacy, pace: 'fast', bytes: 300 },
  { ...legacy, pace: 'slow' },
  { ...legacy, pace: 'slow', events: true },
  { ...legacy, pace: 'slow', chunks: true },
  { ...legacy, pace: 'leaves' },
  { ...modern, pace: 'fast' },
  { ...modern, pace: 'fast', bytes: 20_000 },
  { ...modern, pace: 'slow' },
  { ...modern, pace: 'slow' },
  { ...modern, pace: 'slow', events: true, chunks: true },
  { ...modern, pace: 'leaves' },
  { ...translated, pace: 'fast' },
  { ...translated, pace: 'slow' },
  { ...held, pace: 'fast' },
];

const isAwaited = ({ pace }: ClientKind): boolean => pace === 'fast' || pace === 'leaves';

const callsOf = (kinds: readonly ClientKind[]): number => kinds.length * CALLS_EACH;

/** Calls that end: what slow clients wait for. */
class Endings {
  #pending: number;
  #next = Promise.withResolvers<void>();

  /** @param pending calls of clients that wait for nobody */
  constructor(pending: number) {
    this.#pending = pending;
  }

  /** Resolves with the next end of a call; at once when there is none to wait for. */
  next(): Promise<void> {
    return this.#pending === 0 ? Promise.resolve() : this.#next.promise;
  }

  ended(): void {
    this.#pending -= 1;
    this.#next.resolve();
    this.#next = Promise.withResolvers();
  }
}

interface Client {
  readonly kind: ClientKind;
  readonly url: string;
  readonly headers: Headers;
  readonly agent: Agent;
}

async function openClient({ url }: ConsumersRig, kind: ClientKind, index: number): Promise<Client> {
  const own = bearer(keys[index % keys.length]?.key ?? '');
  const headers = kind.era === 'modern' ? own : (await openLegacySession(`${url}/mcp`, { headers: own })).headers;
  return { kind, url, headers: { ...own, ...headers }, agent: new Agent({ keepAlive: true, maxSockets: 1 }) };
}

async function call({ kind, url, headers, agent }: Client, id: string, order: Order): Promise<IncomingMessage> {
  const params = { name: `${kind.server}__dump`, arguments: order };
  const isModern = kind.era === 'modern';
  const message = isModern
    ? modernRequest(id, 'tools/call', params)
    : { jsonrpc: '2.0', id, method: 'tools/call', params };
  const accept = kind.events ? 'text/event-stream' : 'application/json, text/event-stream';
  const body = JSON.stringify(message);
  const request = httpRequest(`${url}/mcp`, {
    method: 'POST',
    agent,
    headers: {
      ...(isModern && modernHeaders(message)),
      ...headers,
      accept,
      'content-type': 'application/json',
      ...(!kind.chunks && { 'content-length': Buffer.byteLength(body) }),
    },
  });
  request.on('error', () => {});
  if (kind.chunks) request.write(body.slice(0, 20));
  request.end(kind.chunks ? body.slice(20) : body);
  const [response] = (await once(request, 'response')) as [IncomingMessage];
  return response;
}

interface Taking {
  readonly pace: Pace;
  readonly endings: Endings;
  /** Bytes that its server has got rid of. */
  readonly sent: () => number;
}

/** What the sockets between hold by then is all that there is room for. */
async function untilNothingMoves(sent: () => number): Promise<void> {
  for (let before = -1; before !== sent();) {
    before = sent();
    for (let turn = 0; turn < 30; turn += 1) await settle();
  }
}

/** All of an answer, at the pace of its client; undefined when that has left. */
async function take(response: IncomingMessage, { pace, endings, sent }: Taking): Promise<Buffer | undefined> {
  const chunks: Buffer[] = [];
  let pauses = 0;
  if (pace === 'slow') {
    response.on('data', () => {
      if (++pauses > 12) return;
      response.pause();
      void endings.next().then(() => response.resume());
    });
    response.pause();
    await endings.next();
  }
  if (pace === 'stops') await untilNothingMoves(sent);
  const ended = once(response, 'close');
  response.on('data', (chunk: Buffer) => {
    chunks.push(chunk);
    if (pace === 'leaves') response.destroy();
  });
  response.on('error', () => {});
  response.resume();
  await ended;
  if (pace === 'leaves') return undefined;
  if (!response.complete) throw new Error(`an answer broke off after ${Buffer.concat(chunks).length} bytes`);
  return Buffer.concat(chunks);
}

/** What the client gets, to the last byte. */
function expected({ kind }: Client, id: string, order: Order): Buffer {
  const uri = (raw: string): string => `hostler://${kind.server}/${raw}`;
  const content = randomContent(order, { secret: '[secret]', uri });
  const message = `{"jsonrpc":"2.0","id":"${id}","result":${resultOf(kind.era, content)}}`;
  return Buffer.from(kind.events ? `event: message\ndata: ${message}\n\n` : message);
}

/** Without what the host says of itself. */
function withoutMeta(message: Buffer): Buffer {
  const head = message.subarray(0, 400).toString('latin1');
  const ownMeta = /"_meta":\{"io\.modelcontextprotocol\/serverInfo":\{[^}]*\}\},/;
  return Buffer.concat([Buffer.from(head.replace(ownMeta, ''), 'latin1'), message.subarray(400)]);
}

function requireSame(got: Buffer, wanted: Buffer, what: string): void {
  if (got.equals(wanted)) return;
  let at = 0;
  while (got[at] === wanted[at]) at += 1;
  const [is, should] = [got, wanted].map((bytes) => JSON.stringify(bytes.subarray(at, at + 60).toString()));
  throw new Error(`${what}: byte ${at} of ${wanted.length} (${got.length} came): ${is} instead of ${should}`);
}

interface Setup {
  readonly upstream: RandomUpstream;
  readonly rig: ConsumersRig;
}

async function withRandom(work: (setup: Setup) => Promise<void>): Promise<void> {
  vi.stubEnv('LARGE_RESULTS_TOKEN', SECRET);
  await using upstream = await startRandomUpstream(SECRET);
  const headers = { 'x-token': { secret: 'env://LARGE_RESULTS_TOKEN' } };
  const allow = ['legacy/**', 'modern/**'];
  await using rig = await startRig({
    servers: {
      legacy: { url: upstream.url('legacy'), headers },
      modern: { url: upstream.url('modern'), headers },
    },
    consumers: {
      one: { keys: [keys[0]?.entry], allow },
      two: { keys: [keys[1]?.entry], allow },
    },
    log: { level: 'warn' },
  } as never);
  await work({ upstream, rig });
}

it('large results that pass at the same time are each byte for byte what their server said', () =>
  withRandom(async ({ upstream, rig }) => {
    const clients = await Promise.all(CLIENTS.map((kind, index) => openClient(rig, kind, index)));
    const endings = new Endings(callsOf(CLIENTS.filter(isAwaited)));
    const random = createRandom(4_711);
    let checked = 0;
    const useAll = async (client: Client, index: number): Promise<void> => {
      const { kind } = client;
      for (let round = 0; round < CALLS_EACH; round += 1) {
        const id = `call ${index}.${round}`;
        const bytes = kind.bytes ?? 300_000 + random.below(2_700_000);
        const order = { seed: index * CALLS_EACH + round + 1, bytes };
        const response = await call(client, id, order);
        const answer = await take(response, { pace: kind.pace, endings, sent: () => upstream.sent(order.seed) });
        if (isAwaited(kind)) endings.ended();
        if (answer === undefined) continue;
        const isHeld = kind.era === 'modern' && kind.server === 'legacy';
        requireSame(
          isHeld ? withoutMeta(answer) : answer,
          expected(client, id, order),
          `${id} ${JSON.stringify(kind)}`,
        );
        checked += 1;
      }
    };
    await Promise.all(clients.map(useAll));
    for (const { agent } of clients) agent.destroy();
    expect(checked).toBe(callsOf(CLIENTS.filter(({ pace }) => pace !== 'leaves')));
  }));

it.each<readonly [string, ClientKind]>([
  ['itself', { ...modern, pace: 'stops' }],
  ['with a translation', { ...translated, pace: 'stops' }],
  ['over the parser of Node', { ...modern, pace: 'stops', chunks: true }],
  ['as events', { ...modern, pace: 'stops', events: true }],
])('a result for which a client has no room is not written over: %s', (_, kind) =>
  withRandom(async ({ upstream, rig }) => {
    const client = await openClient(rig, kind, 0);
    const order = { seed: 77, bytes: MORE_THAN_FITS, apart: 20_000 };
    const response = await call(client, 'only', order);
    let stoppedAt = 0;
    const sent = (): number => (stoppedAt = Math.max(stoppedAt, upstream.sent(order.seed)));
    const answer = await take(response, { pace: kind.pace, endings: new Endings(0), sent });
    client.agent.destroy();
    expect(stoppedAt).toBeLessThan(MORE_THAN_FITS);
    requireSame(answer ?? Buffer.alloc(0), expected(client, 'only', order), JSON.stringify(kind));
  }),
);
