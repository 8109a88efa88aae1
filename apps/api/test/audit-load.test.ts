import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { searchAudit, verifyAudit } from '@hostler/audit';
import type { AuditRecord } from '@hostler/audit';
import { isJsonObject } from '@hostler/kernel';
import type { JsonObject } from '@hostler/kernel';
import { chaosServer, exchange, modernHeaders, modernRequest, openLegacySession } from '@hostler/test-kit';
import { expect, it, vi } from 'vitest';
import { bearer, newKey, startRig } from './support/consumers-rig.ts';
import type { Headers, Settings } from './support/consumers-rig.ts';

const caller = newKey();
const guest = newKey();
const CALLS = 24;

const CRASHED = ['UPSTREAM_CLOSED', 'UPSTREAM_UNAVAILABLE'].flatMap((code) => [`failed ${code}`, `refused ${code}`]);

const settings = (directory: string): Settings => {
  const { command, args } = chaosServer();
  const server = { command, args: [...args] };
  return {
    servers: {
      one: server,
      impatient: { ...server, timeout: '5s' },
      crashing: server,
      modern: { ...server, args: [...args, '--era=modern'] },
    },
    consumers: {
      caller: { keys: [caller.entry], deny: ['tool:one/stats'] },
      guest: { keys: [guest.entry], limits: { calls: `${CALLS / 2}/h` } },
    },
    audit: { sinks: [{ type: 'file', directory }], values: ['tool:*/*'] },
  };
};

/** What a client asks for, how it behaves then, and what may be written down of it. */
interface Kind {
  readonly name: string;
  readonly tool: string;
  readonly args?: JsonObject;
  readonly leaves?: boolean;
  readonly outcomes: readonly string[];
}

const kinds: readonly Kind[] = [
  { name: 'answered', tool: 'one__echo', outcomes: ['ok'] },
  { name: 'answered in the other era', tool: 'modern__echo', outcomes: ['ok'] },
  { name: 'in pieces', tool: 'one__progress', outcomes: ['ok'] },
  { name: 'late', tool: 'impatient__hang', outcomes: ['failed UPSTREAM_TIMEOUT'] },
  { name: 'left', tool: 'one__hang', leaves: true, outcomes: ['cancelled CLIENT_GONE'] },
  // Of those that crash together, some are sent to a server that is not there.
  { name: 'crashed', tool: 'crashing__crash', outcomes: CRASHED },
];

interface Asked {
  readonly kind: Kind;
  readonly marker: string;
}

interface Call extends JsonObject {
  readonly name: string;
  readonly arguments: JsonObject;
}

type Ask = (call: Call, signal: AbortSignal) => Promise<Response>;

const LONG = 45_000;

async function post(url: string, body: object, headers: Headers, signal: AbortSignal): Promise<Response> {
  const accept = 'application/json, text/event-stream';
  const all = { accept, 'content-type': 'application/json', ...headers };
  const response = await fetch(url, { method: 'POST', headers: all, body: JSON.stringify(body), signal });
  await response.text();
  return response;
}

/** Clients of both eras, and of REST. */
async function clientsOf(url: string): Promise<readonly Ask[]> {
  const headers = bearer(caller.key);
  const session = await openLegacySession(`${url}/mcp`, { headers });
  let id = 1_000;
  return [
    (params, signal) => {
      const body = { jsonrpc: '2.0', id: (id += 1), method: 'tools/call', params };
      return post(`${url}/mcp`, body, session.headers, signal);
    },
    (params, signal) => {
      const body = modernRequest(1, 'tools/call', { ...params }, {});
      return post(`${url}/mcp`, body, { ...modernHeaders(body), ...headers }, signal);
    },
    ({ name, arguments: given }, signal) => post(`${url}/v1/tools/${name}/call`, { arguments: given }, headers, signal),
  ];
}

/** Those that leave are gone once it is written that their call is on its way. */
async function ask(clients: readonly Ask[], { kind, marker }: Asked, turn: number, directory: string): Promise<void> {
  const call = { name: kind.tool, arguments: { ...kind.args, marker } };
  const leaving = new AbortController();
  const asked = clients[turn % clients.length]?.(call, AbortSignal.any([leaving.signal, AbortSignal.timeout(LONG)]));
  const hasLeft = asked?.then(
    () => false,
    () => true,
  );
  if (kind.leaves === true) {
    await vi.waitUntil(async () => JSON.stringify(await recordsIn(directory)).includes(`"${marker}"`), {
      timeout: LONG,
    });
    leaving.abort();
  }
  expect(await hasLeft).toBe(kind.leaves === true);
}

async function recordsIn(directory: string): Promise<readonly AuditRecord[]> {
  const records: AuditRecord[] = [];
  for await (const { record } of searchAudit(directory, {})) records.push(record);
  return records;
}

/** The words of the outcomes of one call. */
function endsOf(calls: readonly AuditRecord[], { marker }: Asked): readonly string[] {
  const intents = calls.filter(
    ({ phase, values }) => phase === 'intent' && isJsonObject(values) && values['marker'] === marker,
  );
  const ids = intents.map(({ id }) => id);
  const ends = calls.filter(({ phase, id }) => phase === 'outcome' && ids.includes(id));
  return [
    `${intents.length} begun`,
    ...ends.map(({ result, code }) => `${String(result as string)} ${(code as string | undefined) ?? ''}`.trim()),
  ];
}

it('I7: each of many calls has one pair with its own end, whatever becomes of it, and what is refused has none', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'hostler-audit-load-'));
  try {
    const asked = kinds.flatMap((kind) =>
      Array.from({ length: CALLS }, (_, turn) => ({ kind, marker: `${kind.name} ${turn}` })),
    );
    let refused = 0;
    {
      await using rig = await startRig(settings(directory));
      const clients = await clientsOf(rig.url);
      // Known, so that nothing is refused that only has not come yet.
      await exchange(`${rig.url}/v1/tools`, { headers: bearer(caller.key) });
      const mixed = asked.map((one, turn) => ask(clients, one, turn, directory));
      const hidden = Array.from({ length: CALLS }, (_, turn) =>
        clients[turn % clients.length]?.({ name: 'one__stats', arguments: {} }, AbortSignal.timeout(LONG)),
      );
      const limited = Array.from({ length: CALLS }, () =>
        exchange(`${rig.url}/v1/tools/one__ok/call`, { body: {}, headers: bearer(guest.key) }),
      );
      await Promise.all([...mixed, ...hidden]);
      refused = (await Promise.all(limited)).filter(({ status }) => status === 429).length;
      expect(refused).toBeGreaterThan(CALLS / 3);
    }
    expect(await verifyAudit(directory)).toMatchObject({ isIntact: true, problems: [], chains: [{ unknownCount: 0 }] });
    const records = await recordsIn(directory);
    const calls = records.filter(({ kind }) => kind === 'call');
    for (const one of asked) {
      const [begun, ...ends] = endsOf(calls, one);
      expect({ [one.marker]: [begun, ends.length] }).toEqual({ [one.marker]: ['1 begun', 1] });
      expect(one.kind.outcomes).toContain(ends[0]);
    }
    const counted = (wanted: object): number =>
      records
        .filter((record) => Object.entries(wanted).every(([key, value]) => record[key] === value))
        .reduce((sum, { count }) => sum + (typeof count === 'number' ? count : 1), 0);
    expect(counted({ kind: 'decision', rule: 'view', name: 'one__stats' })).toBe(CALLS);
    expect(counted({ kind: 'decision', rule: 'limit', consumer: 'guest' })).toBe(refused);
    const guests = calls.filter(({ consumer }) => consumer === 'guest');
    for (const wanted of ['intent', 'outcome']) {
      expect(guests.filter(({ phase }) => phase === wanted)).toHaveLength(CALLS - refused);
    }
    expect(calls).toHaveLength(2 * (asked.length + CALLS - refused));
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}, 120_000);
