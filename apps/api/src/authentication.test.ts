import { IncomingMessage } from 'node:http';
import { Socket } from 'node:net';
import type { CertificateFacts, RequestFacts } from '@hostler/auth';
import { expect, it } from 'vitest';
import { createAuthentication } from './authentication.ts';

const { signal: closing } = new AbortController();

interface Setting {
  readonly isOpen?: boolean;
  readonly isExposed?: boolean;
  readonly certificate?: CertificateFacts;
  readonly signedHeaders?: readonly string[];
}

function setUp({ isOpen = false, isExposed = false, certificate, signedHeaders = [] }: Setting = {}) {
  const seen: RequestFacts[] = [];
  const consumers = {
    isOpen,
    identify(facts: RequestFacts) {
      seen.push(facts);
      if (facts.authorization === 'Bearer wrong') throw new Error('wrong');
      const isStranger = [facts.authorization, facts.apiKey, facts.certificate].every((each) => each === undefined);
      if (isStranger && !isOpen) throw new Error('stranger');
      return { name: isOpen ? 'anonymous' : 'a' };
    },
    isGood: () => true,
    names: () => [],
    signedHeaders,
    onChange: () => () => undefined,
  };
  const clientCertificate = { of: () => certificate };
  const runtime = { consumers };
  return { seen, authentication: createAuthentication({ runtime, isExposed, clientCertificate, closing }) };
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

it('looks at a certificate where nothing else was sent', async () => {
  const certificate = { subjectAltNames: [], fingerprint: 'sha256:' };
  const { seen, authentication } = setUp({ certificate });
  expect(await authentication.find(request({}))).toEqual({ name: 'a' });
  await authentication.identify(request({ authorization: 'Bearer x' }));
  expect(seen.map((facts) => facts.certificate)).toEqual([certificate, undefined]);
});

it.each(['access_token', 'token', 'api_key', 'api-key', 'apikey', 'X-API-Key', 'key'])(
  'refuses a credential in the query, as %s',
  (name) => {
    const { authentication } = setUp();
    const refused = (query: string) => () => authentication.identify(request({ 'x-api-key': 'x' }, `/mcp?${query}`));
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

it('takes the headers that proxies sign out of the request, and what comes beside them, where they count', async () => {
  const headers = {
    'x-goog-iap-jwt-assertion': 'g',
    'x-amzn-oidc-data': 'd',
    'x-amzn-oidc-accesstoken': 't',
    'x-amzn-oidc-identity': 'i',
  };
  const { seen, authentication } = setUp({ signedHeaders: Object.keys(headers).slice(0, 2) });
  const sent = request({ ...headers, authorization: 'Bearer x', accept: '*/*' });
  await authentication.identify(sent);
  expect(seen).toEqual([
    { authorization: 'Bearer x', signed: { 'x-goog-iap-jwt-assertion': 'g', 'x-amzn-oidc-data': 'd' } },
  ]);
  expect(sent.headers).toEqual({ accept: '*/*' });
  const other = setUp();
  await other.authentication.identify(request({ ...headers, 'x-api-key': 'x' }));
  expect(other.seen).toEqual([{ apiKey: 'x' }]);
});

it('looks at no certificate beside a signed header', () => {
  const certificate = { subjectAltNames: [], fingerprint: 'sha256:' };
  const { seen, authentication } = setUp({ certificate, signedHeaders: ['x-amzn-oidc-data'] });
  expect(() => authentication.identify(request({ 'x-amzn-oidc-data': 'd' }))).toThrow('stranger');
  expect(seen.map((facts) => facts.certificate)).toEqual([undefined]);
});
