import { IncomingMessage } from 'node:http';
import { Socket } from 'node:net';
import type { RequestFacts } from '@hostler/auth';
import { expect, it } from 'vitest';
import { createAuthentication } from './authentication.ts';

const { signal: closing } = new AbortController();

function setUp({ isOpen = false, isExposed = false } = {}) {
  const seen: RequestFacts[] = [];
  const consumers = {
    isOpen,
    identify(facts: RequestFacts) {
      seen.push(facts);
      if (facts.authorization === 'Bearer wrong') throw new Error('wrong');
      return { name: isOpen ? 'anonymous' : 'a' };
    },
    isGood: () => true,
    names: () => [],
    onChange: () => () => undefined,
  };
  return { seen, authentication: createAuthentication({ runtime: { consumers }, isExposed, closing }) };
}

function request(headers: Readonly<Record<string, string>>, url = '/mcp'): IncomingMessage {
  const message = new IncomingMessage(new Socket());
  Object.assign(message.headers, headers);
  message.url = url;
  return message;
}

it('adds no promise where there is nothing to wait for, and takes the credentials out of the request', () => {
  const { seen, authentication } = setUp();
  const sent = request({ authorization: 'Bearer x', 'x-api-key': 'y', accept: '*/*' });
  expect(authentication.identify(sent)).toEqual({ name: 'a' });
  expect(seen).toEqual([{ authorization: 'Bearer x', apiKey: 'y' }]);
  expect(sent.headers).toEqual({ accept: '*/*' });
});

it.each(['access_token', 'token', 'api_key', 'api-key', 'apikey', 'X-API-Key', 'key'])(
  'refuses a credential in the query, as %s',
  (name) => {
    const { authentication } = setUp();
    const refused = (query: string) => () => authentication.identify(request({}, `/mcp?${query}`));
    expect(refused(`${name}=x`)).toThrow(expect.objectContaining({ code: 'AUTH_INVALID' }));
    expect(refused(`a=b&${name}=x`)).toThrow(expect.objectContaining({ code: 'AUTH_INVALID' }));
    expect(refused('sessionId=x&monkey=y')).not.toThrow();
  },
);

it('lets nobody in where other machines reach a host that nobody has to prove anything to', async () => {
  const { seen, authentication } = setUp({ isOpen: true, isExposed: true });
  expect(() => authentication.identify(request({}))).toThrow(expect.objectContaining({ code: 'API_CLOSED' }));
  expect([await authentication.find(request({})), seen]).toEqual([undefined, []]);
});

it('knows everybody on loopback where nobody has to prove anything, else who has', async () => {
  expect(await setUp({ isOpen: true }).authentication.find(request({}))).toEqual({ name: 'anonymous' });
  const { authentication } = setUp();
  expect(await authentication.find(request({}))).toBeUndefined();
  expect(await authentication.find(request({ authorization: 'Bearer wrong' }))).toBeUndefined();
  expect(await authentication.find(request({ 'x-api-key': 'x' }))).toEqual({ name: 'a' });
});
