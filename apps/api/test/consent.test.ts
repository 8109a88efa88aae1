import { callModern, exchange, openLegacySession } from '@hostler/test-kit';
import type { HttpAnswer, WireMessage } from '@hostler/test-kit';
import { describe, expect, it } from 'vitest';
import { startConsentRig } from './support/consent-rig.ts';

const PAGES = { elicitation: { url: {} } };
const headersOf = (user: string) => ({ 'x-user': user });
const LIST_CHANGED = 'notifications/tools/list_changed';
const COMPLETE = { method: 'notifications/elicitation/complete', params: { elicitationId: 'consent-of-ann' } };
const PAGE = {
  mode: 'url',
  url: 'https://login.example.com/?user=ann',
  message: 'Sign in to far, so that its tools can be used for you.',
};

const last = ({ messages }: HttpAnswer): WireMessage => messages.at(-1)!;

function toolsIn(answer: HttpAnswer): string[] {
  return (last(answer).result as { tools: { name: string }[] }).tools.map(({ name }) => name);
}

interface Modern {
  readonly user?: string;
  readonly capabilities?: object;
  readonly path?: string;
}

function modern(url: string, { user = 'ann', capabilities = PAGES, path = '' }: Modern = {}) {
  const options = { headers: headersOf(user), capabilities: { ...capabilities } };
  return (method: string, params: object = {}) => callModern(`${url}${path}/mcp`, method, { ...params }, options);
}

function answersTo(answer: HttpAnswer, action = 'accept'): object {
  const { inputRequests = {}, requestState } = last(answer).result as {
    inputRequests?: Record<string, object>;
    requestState?: string;
  };
  const inputResponses = Object.fromEntries(Object.keys(inputRequests).map((key) => [key, { action }]));
  return { inputResponses, requestState };
}

describe.each([
  ['the whole host', '', 'far__'],
  ['the server alone', '/servers/far', ''],
])('at %s', (_, path, prefix) => {
  it('a modern client signs in through the tool of that name, and sees the others then', async () => {
    await using rig = await startConsentRig();
    const ann = modern(rig.url, { path });
    expect(last(await ann('server/discover')).result).toMatchObject({ capabilities: { tools: { listChanged: true } } });
    const listed = await ann('tools/list');
    expect(last(listed).result).toMatchObject({
      cacheScope: 'private',
      tools: [{ name: `${prefix}sign_in`, title: 'Sign in to far', annotations: { readOnlyHint: false } }],
    });
    const call = { name: `${prefix}sign_in`, arguments: {} };
    const asked = await ann('tools/call', call);
    expect(last(asked).result).toMatchObject({
      resultType: 'input_required',
      inputRequests: { 'elicitation-1': { method: 'elicitation/create', params: PAGE } },
    });
    rig.agree('ann');
    const done = await ann('tools/call', { ...call, ...answersTo(asked) });
    expect(last(done).result).toMatchObject({
      resultType: 'complete',
      content: [{ text: /signed in to far/ as never }],
    });
    expect(toolsIn(await ann('tools/list'))).toEqual([`${prefix}whoami`]);
    const { result } = last(await ann('tools/call', { name: `${prefix}whoami`, arguments: {} }));
    expect(result).toMatchObject({ structuredContent: { user: 'ann' } });
    // Nothing of it is for anybody else.
    const bob = modern(rig.url, { user: 'bob', path });
    expect(toolsIn(await bob('tools/list'))).toEqual([`${prefix}sign_in`]);
    expect(rig.stored).toEqual([]);
  });

  it('a first call of any tool asks as well, and goes on when the user has agreed', async () => {
    await using rig = await startConsentRig();
    const ann = modern(rig.url, { path });
    await ann('tools/list');
    const call = { name: `${prefix}whoami`, arguments: {} };
    const asked = await ann('tools/call', call);
    const back = ann('tools/call', { ...call, ...answersTo(asked) });
    rig.agree('ann');
    expect(last(await back).result).toMatchObject({ structuredContent: { user: 'ann' } });
    expect(last(await ann('tools/call', { name: `${prefix}none`, arguments: {} })).error).toBeDefined();
  });

  it('a legacy client is asked on the stream of its call, and told when it is done', async () => {
    await using rig = await startConsentRig();
    const session = await openLegacySession(`${rig.url}${path}/mcp`, {
      headers: headersOf('ann'),
      capabilities: PAGES,
    });
    expect(session.initializeResult).toMatchObject({ capabilities: { tools: {} } });
    const stream = await session.listen();
    expect(toolsIn(await session.call('tools/list'))).toEqual([`${prefix}sign_in`]);
    const call = await session.open('tools/call', { name: `${prefix}sign_in`, arguments: {} });
    const question = await call.nextMessage(({ method }) => method === 'elicitation/create');
    expect(question.params).toEqual({ ...PAGE, elicitationId: 'consent-of-ann' });
    await session.send({ jsonrpc: '2.0', id: question.id ?? null, result: { action: 'accept' } });
    rig.agree('ann');
    const { messages } = await call.finish();
    expect(messages).toContainEqual({ jsonrpc: '2.0', ...COMPLETE });
    expect(messages.at(-1)?.result).toMatchObject({ content: [{ type: 'text' }] });
    await stream.nextMessage(({ method }) => method === LIST_CHANGED);
    expect(toolsIn(await session.call('tools/list'))).toEqual([`${prefix}whoami`]);
    stream.close();
  });

  it('a legacy client that cannot be asked gets the page in an error, hears of the end, and tries again', async () => {
    await using rig = await startConsentRig();
    const session = await openLegacySession(`${rig.url}${path}/mcp`, { headers: headersOf('ann') });
    const stream = await session.listen();
    expect(toolsIn(await session.call('tools/list'))).toEqual([`${prefix}sign_in`]);
    const call = { name: `${prefix}whoami`, arguments: {} };
    expect(last(await session.call('tools/call', call)).error).toMatchObject({
      code: -32042,
      data: { code: 'CONSENT_REQUIRED', elicitations: [{ ...PAGE, elicitationId: 'consent-of-ann' }] },
    });
    rig.agree('ann');
    expect(await stream.nextMessage(({ method }) => method === COMPLETE.method)).toMatchObject(COMPLETE);
    await stream.nextMessage(({ method }) => method === LIST_CHANGED);
    expect(last(await session.call('tools/call', call)).result).toMatchObject({ structuredContent: { user: 'ann' } });
    expect(toolsIn(await session.call('tools/list'))).toEqual([`${prefix}whoami`]);
    stream.close();
  });
});

it('a modern client that cannot be asked is told what is missing, and where the page is', async () => {
  await using rig = await startConsentRig();
  const ann = modern(rig.url, { capabilities: {} });
  await ann('tools/list');
  const answer = await ann('tools/call', { name: 'far__sign_in', arguments: {} });
  expect(answer.status).toBe(400);
  expect(last(answer).error).toMatchObject({
    code: -32021,
    data: { code: 'CONSENT_NOT_ASKED', requiredCapabilities: { elicitation: { url: {} } }, url: PAGE.url },
  });
  rig.agree('ann');
  const { result } = last(await ann('tools/call', { name: 'far__sign_in', arguments: {} }));
  expect(result).toMatchObject({ resultType: 'complete' });
});

it.each(['decline', 'cancel'])('a user who answers %s is not asked again for this call', async (action) => {
  await using rig = await startConsentRig();
  const ann = modern(rig.url);
  await ann('tools/list');
  const call = { name: 'far__sign_in', arguments: {} };
  const asked = await ann('tools/call', call);
  const { error } = last(await ann('tools/call', { ...call, ...answersTo(asked, action) }));
  expect(error).toMatchObject({ code: -32013, data: { code: 'CONSENT_REFUSED' } });
});

it('a consent that is denied ends the call, and one that does not come in time leaves the page', async () => {
  await using rig = await startConsentRig({ callTimeout: 1_000 });
  const ann = modern(rig.url);
  await ann('tools/list');
  const call = { name: 'far__sign_in', arguments: {} };
  const first = await ann('tools/call', call);
  expect(last(await ann('tools/call', { ...call, ...answersTo(first) })).error).toMatchObject({
    data: { code: 'CONSENT_NOT_ASKED', url: PAGE.url },
  });
  const second = await ann('tools/call', call);
  const back = ann('tools/call', { ...call, ...answersTo(second) });
  rig.deny('ann');
  expect(last(await back).error).toMatchObject({ data: { code: 'OAUTH_CONSENT_DENIED' } });
});

it('nobody goes on with what another one of the same consumer was asked', async () => {
  await using rig = await startConsentRig();
  const ann = modern(rig.url);
  const bob = modern(rig.url, { user: 'bob' });
  const call = { name: 'far__sign_in', arguments: {} };
  await ann('tools/list');
  const asked = await ann('tools/call', call);
  rig.agree('ann');
  await bob('tools/list');
  expect(last(await bob('tools/call', { ...call, ...answersTo(asked) })).error?.data).toMatchObject({
    code: 'PROTOCOL_STATE_REFUSED',
  });
  const session = await openLegacySession(`${rig.url}/mcp`, { headers: headersOf('ann') });
  const taken = await openLegacySession(`${rig.url}/mcp`, { headers: headersOf('bob') });
  expect(toolsIn(await session.call('tools/list'))).toEqual(['far__whoami']);
  const stolen = { ...session.headers, ...headersOf('bob') };
  const body = { jsonrpc: '2.0', id: 9, method: 'tools/list' };
  expect((await exchange(`${rig.url}/mcp`, { headers: stolen, body })).status).toBe(404);
  expect(toolsIn(await taken.call('tools/list'))).toEqual(['far__sign_in']);
});

it('who may not see the tool gets no page', async () => {
  const viewOf = () => ({ key: 'none of it', hasServer: () => true, allows: () => false });
  await using rig = await startConsentRig({ viewOf });
  const ann = modern(rig.url);
  expect(toolsIn(await ann('tools/list'))).toEqual([]);
  const { error } = last(await ann('tools/call', { name: 'far__sign_in', arguments: {} }));
  expect(error).toMatchObject({ data: { code: 'ROUTE_NOT_FOUND' } });
});
