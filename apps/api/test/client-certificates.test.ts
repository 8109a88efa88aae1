import { X509Certificate } from 'node:crypto';
import { TestAuthority } from '@hostler/test-kit/test-authority';
import { describe, expect, it } from 'vitest';
import { exchange } from '@hostler/test-kit';
import { faces, newKey, startRig } from './support/consumers-rig.ts';
import type { Settings } from './support/consumers-rig.ts';
import { createTlsClient, officialClients, startTlsRig, writeTlsFiles } from './support/tls-rig.ts';
import type { TlsFiles } from './support/tls-rig.ts';

const AGENT = 'URI:spiffe://corp/agent';
const key = newKey();
const settings: Settings = {
  consumers: {
    agent: { certificates: [{ san: AGENT }], servers: ['one'], roles: ['viewer'] },
    other: { keys: [key.entry], servers: ['two'] },
  },
};

/** Status, and the code where there is one. */
async function ask(send: typeof fetch, url: string, headers: Readonly<Record<string, string>> = {}): Promise<string> {
  const response = await send(`${url}/v1/tools`, { headers });
  const body = (await response.json()) as { code?: string; tools?: { name: string }[] };
  const servers = new Set(body.tools?.map(({ name }) => name.split('__')[0]));
  return `${response.status} ${body.code ?? [...servers].join()}`;
}

async function badCertificates({ clients }: TlsFiles) {
  const stranger = await TestAuthority.create();
  return {
    'none at all': undefined,
    'one of another authority': await stranger.issue([AGENT]),
    'one that has ended': await clients.issue([AGENT], { lasts: -60_000 }),
  };
}

describe('a client certificate', () => {
  it('is who a client is, at every way in', async () => {
    await using files = await writeTlsFiles('required');
    await using rig = await startTlsRig(files, settings);
    expect(rig.url).toMatch(/^https:/);
    await using client = createTlsClient(files, await files.clients.issue([AGENT]));
    for (const list of Object.values(officialClients)) {
      const names = await list(rig.url, client.fetch);
      expect(names).toContain('one__echo');
      expect(names.filter((name) => !name.startsWith('one__'))).toEqual([]);
    }
    expect(await ask(client.fetch, rig.url)).toBe('200 one');
    expect(await client.openSocket(rig.url)).toBe('open');
    // By its role it sees the servers as well.
    expect(await (await client.fetch(`${rig.url}/healthz`)).json()).toHaveProperty('servers');
    expect((await client.fetch(`${rig.url}/livez`)).headers.get('strict-transport-security')).toBe('max-age=31536000');
  });

  it('has to be there and good where it is required', async () => {
    await using files = await writeTlsFiles('required');
    await using rig = await startTlsRig(files, settings);
    for (const own of Object.values(await badCertificates(files))) {
      await using client = createTlsClient(files, own);
      await expect(client.fetch(`${rig.url}/livez`)).rejects.toThrow('fetch failed');
      expect(await client.openSocket(rig.url)).not.toMatch(/^(?:open|\d+)$/);
    }
    expect(rig.log()).toContain('a client was not let in by TLS');
  });

  it('may be absent where it is optional, and is absent when it is not good', async () => {
    await using files = await writeTlsFiles('optional');
    await using rig = await startTlsRig(files, settings);
    const bad = { ...(await badCertificates(files)), 'one of nobody': await files.clients.issue(['DNS:nobody']) };
    for (const own of Object.values(bad)) {
      await using client = createTlsClient(files, own);
      expect(await ask(client.fetch, rig.url)).toBe('401 AUTH_MISSING');
      expect(await client.openSocket(rig.url)).toBe('401');
      expect(await (await client.fetch(`${rig.url}/healthz`)).json()).not.toHaveProperty('servers');
      for (const list of Object.values(officialClients))
        await expect(list(rig.url, client.fetch)).rejects.toThrow(/send a key or a token|Unauthorized|HTTP 401/i);
      expect(await ask(client.fetch, rig.url, { 'x-api-key': key.key })).toBe('200 two');
    }
    expect(rig.log()).toContain('"reason":"CERT_HAS_EXPIRED"');
  });

  it('is not looked at where a key was sent, good or not', async () => {
    await using files = await writeTlsFiles('required');
    await using rig = await startTlsRig(files, settings);
    await using client = createTlsClient(files, await files.clients.issue([AGENT]));
    expect(await ask(client.fetch, rig.url, { 'x-api-key': key.key })).toBe('200 two');
    expect(await ask(client.fetch, rig.url, { 'x-api-key': newKey().key })).toBe('401 AUTH_INVALID');
  });

  it('lets nobody in any more as soon as the configuration says so', async () => {
    await using files = await writeTlsFiles('required');
    await using rig = await startTlsRig(files, settings);
    await using client = createTlsClient(files, await files.clients.issue([AGENT]));
    expect(await ask(client.fetch, rig.url)).toBe('200 one');
    const agent = { ...settings.consumers?.['agent'], certificates: [{ san: `${AGENT}2` }] };
    await rig.write({ consumers: { ...settings.consumers, agent }, listen: { tls: files.tls } });
    await rig.runtime.reload();
    expect(await ask(client.fetch, rig.url)).toBe('401 AUTH_MISSING');
  });
});

describe('a certificate in a header', () => {
  const withHeader = (format: 'rfc9440' | 'envoy', trustedProxies: string[]): Settings => ({
    ...settings,
    listen: { trustedProxies },
    auth: { certificateHeader: { format } },
  });

  const forged = async (authority: TestAuthority): Promise<readonly Readonly<Record<string, string>>[]> => {
    const { raw } = new X509Certificate((await authority.issue([AGENT])).certificate);
    const envoy = `Hash=${'ab'.repeat(32)};URI=spiffe://corp/agent`;
    return [
      { 'client-cert': `:${raw.toString('base64')}:` },
      { 'x-forwarded-client-cert': envoy },
      { 'x-forwarded-client-cert': envoy, 'x-forwarded-for': '192.0.2.1', forwarded: 'for=192.0.2.1' },
      { 'x-client-cert-san': AGENT, 'x-ssl-client-verify': 'SUCCESS', 'x-forwarded-for': '127.0.0.1' },
    ];
  };

  it.each([
    ['nobody was told to', settings],
    ['it comes from somebody else', withHeader('envoy', ['192.0.2.1', '10.0.0.0/8', 'unix'])],
    ['it comes from somebody else, standard', withHeader('rfc9440', ['192.0.2.1', '10.0.0.0/8', 'unix'])],
  ])('is not believed where %s', async (_, written) => {
    await using rig = await startRig(written);
    for (const headers of await forged(await TestAuthority.create())) {
      expect(await ask(fetch, rig.url, headers)).toBe('401 AUTH_MISSING');
      expect((await exchange(`${rig.url}/mcp`, { headers, body: {} })).status).toBe(401);
    }
  });

  it('is believed of a trusted proxy', async () => {
    await using rig = await startRig(withHeader('envoy', ['127.0.0.1']));
    const header = (value: string) => ({ 'x-forwarded-client-cert': value });
    const good = `Hash=${'ab'.repeat(32)};URI=spiffe://corp/agent`;
    expect(await ask(fetch, rig.url, header(good))).toBe('200 one');
    expect(await ask(fetch, rig.url, { ...header(good), 'x-api-key': key.key })).toBe('200 two');
    expect(await ask(fetch, rig.url, header(`${good},Hash=${'cd'.repeat(32)}`))).toBe('401 AUTH_MISSING');
    expect(await ask(fetch, rig.url, header('junk'))).toBe('401 AUTH_MISSING');
    // By which name it was asked for is not for a proxy to say.
    const renamed = {
      ...header(good),
      host: 'evil.example',
      'x-forwarded-host': 'localhost',
      'x-forwarded-proto': 'https',
    };
    expect((await exchange(`${rig.url}/v1/tools`, { headers: renamed })).status).toBe(403);
    await rig.write({
      ...settings,
      listen: { trustedProxies: ['10.0.0.1'] },
      auth: { certificateHeader: { format: 'envoy' } },
    });
    await rig.runtime.reload();
    expect(await ask(fetch, rig.url, header(good))).toBe('401 AUTH_MISSING');
  });

  it('proves nothing any more, nor what it has opened, when its proxy is trusted no longer', async () => {
    await using rig = await startRig(withHeader('envoy', ['127.0.0.1']));
    const headers = { 'x-forwarded-client-cert': `Hash=${'ab'.repeat(32)};URI=spiffe://corp/agent` };
    const own = await faces['WebSocket']!(rig.url, { 'x-api-key': key.key });
    const socket = await faces['WebSocket']!(rig.url, headers);
    const stream = await faces['Streamable HTTP, legacy']!(rig.url, headers);
    await rig.write(withHeader('envoy', ['10.0.0.1']));
    await rig.runtime.reload();
    await Promise.all([socket.ended, stream.ended]);
    await expect(socket.ask('tools/list')).rejects.toThrow('ended');
    expect(await own.ask('tools/list')).toHaveProperty('result');
    await own[Symbol.asyncDispose]();
  });

  it('is refused when the certificate has ended', async () => {
    await using rig = await startRig(withHeader('rfc9440', ['127.0.0.0/8']));
    const authority = await TestAuthority.create();
    const header = async (lasts: number) => {
      const { raw } = new X509Certificate((await authority.issue([AGENT], { lasts })).certificate);
      return { 'client-cert': `:${raw.toString('base64')}:` };
    };
    expect(await ask(fetch, rig.url, await header(60_000))).toBe('200 one');
    expect(await ask(fetch, rig.url, await header(-60_000))).toBe('401 AUTH_EXPIRED');
  });

  it('takes the place of the certificate of the proxy itself', async () => {
    await using files = await writeTlsFiles('required');
    const consumers = { proxy: { certificates: [{ san: 'DNS:proxy.corp' }], servers: ['two'] }, ...settings.consumers };
    await using rig = await startTlsRig(files, { ...withHeader('envoy', ['127.0.0.1']), consumers });
    await using proxy = createTlsClient(files, await files.clients.issue(['DNS:proxy.corp']));
    const good = `Hash=${'ab'.repeat(32)};URI=spiffe://corp/agent`;
    expect(await ask(proxy.fetch, rig.url, { 'x-forwarded-client-cert': good })).toBe('200 one');
    expect(await ask(proxy.fetch, rig.url)).toBe('401 AUTH_MISSING');
  });
});
