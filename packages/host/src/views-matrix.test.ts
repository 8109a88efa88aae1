import { isHostlerError } from '@hostler/kernel';
import type { Client, Consumer, Era, Exchange, JsonObject, Notification, View, ViewKind } from '@hostler/kernel';
import { createView, emptyView, fullView, intersectViews } from '@hostler/router';
import { describe, expect, it } from 'vitest';
import { FakeConnection } from '../test/support/fake-pool.ts';
import { legacyClient, settled, SubscribablePool } from '../test/support/subscribable-pool.ts';
import { createHost } from './create-host.ts';
import { createExchange } from './exchange.ts';
import type { Host } from './host.ts';

const still = { now: () => 0, after: () => () => {} };
const silent = { debug() {}, info() {}, warn() {}, error() {} };

type Kind = ViewKind | 'template';
type Scope = 'all' | 'server' | 'bundle';

/** Two servers that have the same, one of which some views do not have; and names that nobody has. */
const SERVERS = ['one', 'two'];
const NAMES = ['good', 'bad'];

const VIEWS: Readonly<Record<string, View>> = {
  full: fullView,
  empty: emptyView,
  'one server': createView({ servers: ['one'] }),
  'some denied': createView({ deny: ['*/bad', 'resource:*/mem://**/bad**'] }),
  'one server, some denied': createView({
    servers: ['one'],
    deny: ['tool:one/bad', 'prompt:one/bad', 'resource:one/mem://one/bad**'],
  }),
  'some allowed': createView({ allow: ['one/good', 'resource:one/mem://one/good**'] }),
  'tools alone': createView({ allow: ['tool:*/**'] }),
  'an unknown server': createView({ servers: ['three'] }),
};

/** Of what a view lets through, what is seen through the bundle. */
const BUNDLE = createView({ deny: ['tool:one/good', 'resource:one/mem://one/good**', 'prompt:two/**'] });

const KEYS: Readonly<Record<Kind, (server: string, name: string) => string>> = {
  tool: (_, name) => name,
  prompt: (_, name) => name,
  resource: (server, name) => `mem://${server}/${name}`,
  template: (server, name) => `mem://${server}/${name}/{id}`,
};

function serverOf(name: string, era: Era): FakeConnection {
  const capabilities = { tools: {}, prompts: {}, resources: { subscribe: true }, completions: {}, logging: {} };
  const keys = (kind: Kind): string[] => NAMES.map((key) => KEYS[kind](name, key));
  const modern = era === 'modern' ? { resultType: 'complete', ttlMs: 0, cacheScope: 'public' } : {};
  return new FakeConnection(
    capabilities,
    (method, params) => {
      switch (method) {
        case 'tools/list':
          return { ...modern, tools: keys('tool').map((key) => ({ name: key })) };
        case 'prompts/list':
          return { ...modern, prompts: keys('prompt').map((key) => ({ name: key })) };
        case 'resources/list':
          return { ...modern, resources: keys('resource').map((uri) => ({ uri, name: uri })) };
        case 'resources/templates/list':
          return { ...modern, resourceTemplates: keys('template').map((key) => ({ uriTemplate: key, name: key })) };
        // As servers do: what they do not have, they refuse in words of their own.
        case 'tools/call':
        case 'prompts/get':
          return NAMES.includes(params['name'] as string) ? { ...modern, content: [], messages: [] } : undefined;
        default:
          return { ...modern };
      }
    },
    era,
  );
}

interface Method {
  readonly kind: Kind;
  readonly method: string;
  readonly eras: readonly Era[];
  readonly params: (key: string) => JsonObject;
  /** What is asked for when it is not the thing itself. */
  readonly uriOf?: (key: string) => string;
}

const BOTH: readonly Era[] = ['legacy', 'modern'];

const METHODS: readonly Method[] = [
  { kind: 'tool', method: 'tools/call', eras: BOTH, params: (name) => ({ name }) },
  { kind: 'prompt', method: 'prompts/get', eras: BOTH, params: (name) => ({ name }) },
  {
    kind: 'prompt',
    method: 'completion/complete',
    eras: BOTH,
    params: (name) => ({ ref: { type: 'ref/prompt', name }, argument: { name: 'a', value: '' } }),
  },
  { kind: 'resource', method: 'resources/read', eras: BOTH, params: (uri) => ({ uri }) },
  { kind: 'resource', method: 'resources/subscribe', eras: ['legacy'], params: (uri) => ({ uri }) },
  {
    kind: 'resource',
    method: 'subscriptions/listen',
    eras: ['modern'],
    params: (uri) => ({ notifications: { resourceSubscriptions: [uri] } }),
  },
  {
    kind: 'resource',
    method: 'subscriptions/listen',
    eras: ['modern'],
    // Something of an extension: a modern server answers it itself.
    params: (uri) => ({ notifications: { resourceSubscriptions: [uri], extended: true } }),
  },
  {
    kind: 'resource',
    method: 'completion/complete',
    eras: BOTH,
    params: (uri) => ({ ref: { type: 'ref/resource', uri }, argument: { name: 'a', value: '' } }),
  },
  {
    kind: 'template',
    method: 'completion/complete',
    eras: BOTH,
    params: (uri) => ({ ref: { type: 'ref/resource', uri }, argument: { name: 'id', value: '' } }),
  },
  { kind: 'template', method: 'resources/read', eras: BOTH, params: (uri) => ({ uri }), uriOf: filled },
  { kind: 'template', method: 'resources/subscribe', eras: ['legacy'], params: (uri) => ({ uri }), uriOf: filled },
];

function filled(template: string): string {
  return template.replace('{id}', '7');
}

const LISTS: Readonly<Record<Kind, { readonly method: string; readonly member: string; readonly key: string }>> = {
  tool: { method: 'tools/list', member: 'tools', key: 'name' },
  prompt: { method: 'prompts/list', member: 'prompts', key: 'name' },
  resource: { method: 'resources/list', member: 'resources', key: 'uri' },
  template: { method: 'resources/templates/list', member: 'resourceTemplates', key: 'uriTemplate' },
};

interface Rig {
  readonly host: Host;
  readonly pool: SubscribablePool;
  readonly era: Era;
  readonly scope: Scope;
}

const consumer: Consumer = { name: 'tester' };

function exchangeOf({ era, scope }: Rig, server: string, request: { method: string; params: JsonObject }) {
  const heard: Notification[] = [];
  const controller = new AbortController();
  const modern: Client = { era: 'modern', protocolVersion: '2026-07-28', capabilities: {} };
  const exchange: Exchange = createExchange({
    ...request,
    scope: scopeOf(scope, server),
    consumer,
    signal: controller.signal,
    client: era === 'legacy' ? legacyClient('s').client : modern,
    onNotification: (notification) => void heard.push(notification),
  });
  return { exchange, heard, stop: () => controller.abort(new Error('stopped')) };
}

function scopeOf(scope: Scope, server: string): Exchange['scope'] {
  if (scope === 'server') return { kind: 'server', name: server };
  return { kind: 'all', ...(scope === 'bundle' && { bundle: 'b' }) };
}

/** Whether it was let through; otherwise how it was refused, without what was asked for. */
async function attempt(rig: Rig, server: string, { method, params }: Method, key: string): Promise<true | string> {
  const { exchange, heard, stop } = exchangeOf(rig, server, { method, params: params(key) });
  for (const connection of Object.values(rig.pool.connections)) connection.asked.length = 0;
  const outcome = rig.host.dispatch(exchange).then(
    ({ kind }) => kind,
    (error: unknown) => error,
  );
  if (method === 'subscriptions/listen') {
    await Promise.race([settled().then(settled), outcome]);
    stop();
    const ended = await outcome;
    const [acknowledged] = heard;
    const held = JSON.stringify(acknowledged?.params ?? {}).includes(key);
    const passed = askedOf(rig).some(({ method: asked, params: sent }) => asked === method && sent.includes(key));
    if (held || passed) return true;
    return isHostlerError(ended) ? ended.code : 'left out';
  }
  const ended = await outcome;
  if (!isHostlerError(ended)) return true;
  return `${ended.code} ${ended.message}`.replaceAll(key, '…').replaceAll(server, '§');
}

function askedOf({ pool }: Rig): { readonly server: string; readonly method: string; readonly params: string }[] {
  return Object.entries(pool.connections).flatMap(([server, { asked }]) =>
    asked.map(({ request }) => ({ server, method: request.method, params: JSON.stringify(request.params) })),
  );
}

async function listed(rig: Rig, server: string, kind: Kind): Promise<readonly string[]> {
  const { method, member, key } = LISTS[kind];
  const { exchange } = exchangeOf(rig, server, { method, params: {} });
  try {
    const { payload } = await rig.host.dispatch(exchange);
    const entries = (payload.value() as Record<string, readonly Record<string, string>[]>)[member] ?? [];
    return entries.map((entry) => entry[key] ?? '');
  } catch (error) {
    if (isHostlerError(error) && error.code === 'ROUTE_NOT_FOUND') return [];
    throw error;
  }
}

describe.each(Object.entries(VIEWS))('the view %s', (_, view) => {
  for (const era of BOTH) {
    for (const serverEra of BOTH) {
      for (const scope of ['all', 'server', 'bundle'] as const) {
        it(`lets a ${era} client call what it is shown of ${serverEra} servers, scope ${scope}`, async () => {
          const pool = new SubscribablePool({ one: serverOf('one', serverEra), two: serverOf('two', serverEra) });
          const bundle = { view: intersectViews(view, BUNDLE) };
          const host = createHost({ pool, log: silent, clock: still, viewOf: () => view, bundleOf: () => bundle });
          const wrong = await wrongOf({ host, pool, era, scope }, view);
          expect(wrong).toEqual([]);
          await host.close();
        });
      }
    }
  }
});

interface Thing {
  readonly kind: Kind;
  readonly server: string;
  /** On its server. */
  readonly key: string;
}

const THINGS: readonly Thing[] = (['tool', 'prompt', 'resource', 'template'] as const).flatMap((kind) =>
  SERVERS.flatMap((server) => NAMES.map((name) => ({ kind, server, key: KEYS[kind](server, name) }))),
);

/** What is not as the view says: in words, to be read where the test fails. */
async function wrongOf(rig: Rig, view: View): Promise<readonly string[]> {
  const wrong: string[] = [];
  for (const thing of THINGS) {
    const { kind, server } = thing;
    const name = publicNameOf(rig, thing);
    // oxlint-disable-next-line no-await-in-loop -- one after the other, so that what a server was asked is known
    const isShown = (await listed(rig, server, kind)).includes(name);
    if (isShown !== allows(rig, view, thing)) wrong.push(`${kind} ${server} ${name}: shown ${isShown}`);
    for (const method of METHODS.filter(({ kind: of, eras }) => of === kind && eras.includes(rig.era))) {
      // oxlint-disable-next-line no-await-in-loop -- as above
      wrong.push(...(await wrongCalls(rig, view, { thing, method })));
    }
  }
  return wrong;
}

async function wrongCalls(
  rig: Rig,
  view: View,
  { thing, method }: { readonly thing: Thing; readonly method: Method },
): Promise<readonly string[]> {
  const { server, key } = thing;
  const toUri = method.uriOf ?? ((same: string) => same);
  const asked = toUri(publicNameOf(rig, thing));
  const got = await attempt(rig, server, method, asked);
  const call = `${method.method} ${server} ${asked}`;
  if ((got === true) !== allows(rig, view, { ...thing, key: toUri(key) })) return [`${call}: ${got}`];
  if (got === true) return [];
  const reached = askedOf(rig).filter(({ method: was, params }) => was === method.method && params.includes(key));
  const place = rig.scope !== 'server' || view.hasServer(server) ? server : 'nowhere';
  const unknown = await attempt(rig, place, method, `${asked}zzz`);
  return [
    ...(reached.length > 0 ? [`${call}: has reached the server`] : []),
    ...(got === unknown ? [] : [`${call}: ${got}, and what does not exist: ${unknown}`]),
  ];
}

function publicNameOf({ scope }: Rig, { kind, server, key }: Thing): string {
  return (kind === 'tool' || kind === 'prompt') && scope !== 'server' ? `${server}__${key}` : key;
}

function allows({ scope }: Rig, view: View, { kind, server, key }: Thing): boolean {
  const of = kind === 'template' ? 'resource' : kind;
  return view.allows(of, server, key) && (scope !== 'bundle' || BUNDLE.allows(of, server, key));
}
