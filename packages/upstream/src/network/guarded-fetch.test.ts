import { createServer } from 'node:http';
import type { IncomingMessage, RequestListener, Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { brotliCompressSync, gzipSync } from 'node:zlib';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { createGuardedFetch } from './guarded-fetch.ts';
import type { GuardedFetchOptions } from './guarded-fetch.ts';
import { createReach } from './reach.ts';

const open: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of open.splice(0)) await close();
});

async function serve(answer: RequestListener): Promise<{ port: number; seen: IncomingMessage[] }> {
  const seen: IncomingMessage[] = [];
  const server: Server = createServer((request, response) => {
    seen.push(request);
    answer(request, response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  open.push(() => new Promise((resolve) => server.close(resolve)));
  return { port: (server.address() as AddressInfo).port, seen };
}

interface Setup extends Partial<GuardedFetchOptions> {
  readonly hosts?: readonly string[];
  readonly allow?: readonly string[];
}

function guard({ hosts = [], allow = [], ...options }: Setup = {}): typeof fetch {
  const guarded = createGuardedFetch({ reach: createReach({ hosts, allow }), ...options });
  open.push(() => guarded.close());
  return guarded.fetch;
}

const refusedAddress = { code: 'NETWORK_ADDRESS_REFUSED' };

describe('S1: where it goes', () => {
  const inside: readonly string[] = [
    '127.0.0.1',
    '127.1',
    '2130706433',
    '0x7f000001',
    '0x7f.1',
    '0177.0.0.1',
    '017700000001',
    '127.0.0.1.',
    '①②⑦.⓪.⓪.①',
    '127。0。0。1',
    '%31%32%37.0.0.1',
    '[::1]',
    '[0:0:0:0:0:0:0:1]',
    '[::ffff:127.0.0.1]',
    '[::ffff:7f00:1]',
    '[::127.0.0.1]',
    '[64:ff9b::127.0.0.1]',
    '[64:ff9b::a9fe:a9fe]',
    '[2002:7f00:1::]',
    '[2002:a9fe:a9fe::1]',
    '[2001:0:7f00:1::1]',
    '[fe80::1]',
    '[fec0::1]',
    '[fc00::1]',
    '[fd00:ec2::254]',
    '[fd20:ce::254]',
    '[ff02::1]',
    '[::]',
    '[2001:db8::1]',
    '[3fff::1]',
    '[100::1]',
    '0.0.0.0',
    '0',
    '10.0.0.1',
    '10.255.255.255',
    '100.64.0.1',
    '100.100.100.200',
    '169.254.169.254',
    '169.254.170.2',
    '0xa9fea9fe',
    '2852039166',
    '169.254.43518',
    '[::ffff:169.254.169.254]',
    '172.16.0.1',
    '172.31.255.255',
    '192.0.0.1',
    '192.0.2.1',
    '192.88.99.1',
    '192.168.0.1',
    '192.168.257',
    '198.18.0.1',
    '198.19.255.255',
    '198.51.100.1',
    '203.0.113.1',
    '224.0.0.1',
    '239.255.255.255',
    '240.0.0.1',
    '255.255.255.255',
    'localhost',
    'localhost.',
    'LOCALHOST',
    'localtest.example',
  ];

  it.each(inside)('refuses https://%s/', async (host) => {
    const names: Readonly<Record<string, string>> = { 'localtest.example': '127.0.0.1' };
    const resolveName = (name: string) =>
      Promise.resolve([{ address: names[name] ?? '127.0.0.1', family: 4 as const }]);
    await expect(guard({ resolveName })(`https://${host}/`)).rejects.toMatchObject(refusedAddress);
  });

  it('knows sixty ways to write such a host', () => {
    expect(new Set(inside).size).toBeGreaterThanOrEqual(60);
  });

  it.each([
    '169.254.169.254',
    '[::ffff:169.254.169.254]',
    '[fe80::1]',
    '0.0.0.0',
    '[fd00:ec2::254]',
    '168.63.129.16',
    '192.0.0.192',
  ])('never reaches %s, whatever is allowed', async (host) => {
    const fetching = guard({ hosts: [host], allow: ['0.0.0.0/0', '::/0', host] });
    await expect(fetching(`https://${host}/`)).rejects.toMatchObject(refusedAddress);
  });

  it.each([
    { hosts: ['127.0.0.1'] },
    { hosts: ['localhost'], host: 'localhost.' },
    { allow: ['127.0.0.0/8'] },
    { allow: ['127.0.0.1'] },
    { allow: ['localhost'], host: 'localhost' },
    { allow: ['*.localhost'], host: 'idp.localhost' },
  ])('reaches what the operator names: %j', async ({ host = '127.0.0.1', ...setup }) => {
    const { port } = await serve((_request, response) => response.end('here'));
    const resolveName = () => Promise.resolve([{ address: '127.0.0.1', family: 4 as const }]);
    const answer = await guard({ ...setup, resolveName })(`http://${host}:${port}/`);
    expect(await answer.text()).toBe('here');
  });

  it('takes a name below *.example for one, and the domain itself for none', () => {
    const reach = createReach({ hosts: [], allow: ['*.corp.example'] });
    expect(reach.allows('idp.corp.example', '10.0.0.1')).toBe(true);
    expect(reach.allows('corp.example', '10.0.0.1')).toBe(false);
    expect(reach.allows('evilcorp.example', '10.0.0.1')).toBe(false);
  });
});

describe('S2 and S10: redirects', () => {
  it.each([301, 302, 303, 307, 308])('does not follow a %i', async (status) => {
    const inner = await serve((_request, response) => response.end('inside'));
    const outer = await serve((_request, response) => {
      response.writeHead(status, { location: `http://127.0.0.1:${inner.port}/` }).end();
    });
    const fetching = guard({ hosts: ['127.0.0.1'] });
    const answer = await fetching(`http://127.0.0.1:${outer.port}/`, {
      method: 'POST',
      body: 'x',
      headers: { 'x-api-key': 'canary' },
      redirect: 'follow',
    });
    expect(answer.status).toBe(status);
    expect(inner.seen).toHaveLength(0);
  });
});

describe('S3: DNS rebinding', () => {
  it('refuses a name with one address inside', async () => {
    const resolveName = () =>
      Promise.resolve([
        { address: '93.184.216.34', family: 4 as const },
        { address: '10.0.0.1', family: 4 as const },
      ]);
    await expect(guard({ resolveName })('https://both.example/')).rejects.toMatchObject(refusedAddress);
  });

  it('looks a name up once for each connection, and connects to what it has looked at', async () => {
    const { port } = await serve((_request, response) => response.end('here'));
    const asked: string[] = [];
    // Public the first time, and inside from then on.
    const resolveName = (name: string) => {
      asked.push(name);
      return Promise.resolve([{ address: asked.length === 1 ? '127.0.0.1' : '10.0.0.1', family: 4 as const }]);
    };
    const fetching = guard({ resolveName, allow: ['127.0.0.1'] });
    expect(await (await fetching(`http://idp.localhost:${port}/`)).text()).toBe('here');
    expect(asked).toEqual(['idp.localhost']);
  });

  it('refuses a name that has no address', async () => {
    await expect(guard({ resolveName: () => Promise.resolve([]) })('https://none.example/')).rejects.toMatchObject(
      refusedAddress,
    );
  });
});

describe('S6: schemes', () => {
  it.each(['file:///etc/passwd', 'gopher://x/', 'data:text/plain,x', 'ftp://x/', 'javascript:alert(1)', 'ws://x/', ''])(
    'refuses %s',
    async (url) => {
      await expect(guard({ hosts: ['x'] })(url)).rejects.toMatchObject({ code: 'NETWORK_URL_REFUSED' });
    },
  );

  it.each([
    'http://93.184.216.34/',
    'http://10.0.0.1/',
    'https://user:secret@example.com/',
    'https://user@example.com/',
  ])('refuses %s', async (url) => {
    const thrown = await guard({ hosts: ['10.0.0.1'] })(url).catch((error: unknown) => error);
    expect(thrown).toMatchObject({ code: 'NETWORK_URL_REFUSED' });
    expect(JSON.stringify(thrown)).not.toContain('secret');
  });
});

describe('S7 and S8: what else could be told or learned', () => {
  it('goes through no proxy of the environment', async () => {
    const proxy = await serve((_request, response) => response.end('proxy'));
    const { port } = await serve((_request, response) => response.end('here'));
    vi.stubEnv('HTTP_PROXY', `http://127.0.0.1:${proxy.port}`);
    vi.stubEnv('NODE_USE_ENV_PROXY', '1');
    try {
      expect(await (await guard({ hosts: ['127.0.0.1'] })(`http://127.0.0.1:${port}/`)).text()).toBe('here');
    } finally {
      vi.unstubAllEnvs();
    }
    expect(proxy.seen).toHaveLength(0);
  });

  it('says the same of an address inside, whether something listens there or not', async () => {
    const { port } = await serve((_request, response) => response.end('inner text'));
    const free = await serve(() => undefined);
    await open.pop()?.();
    const [there, none] = await Promise.all(
      [port, free.port].map((each) => guard()(`https://127.0.0.1:${each}/`).catch((error: Error) => error.message)),
    );
    expect(there).toBe(none);
    expect(there).toBe('127.0.0.1 is at no public address. If requests may go there, add it to outbound.allow.');
  });
});

describe('answers', () => {
  it.each([
    { name: 'gzip', body: gzipSync(Buffer.alloc(1_000_000)) },
    { name: 'br', body: brotliCompressSync(Buffer.alloc(1_000_000)) },
  ])('a $name bomb is not unpacked', async ({ name, body }) => {
    const { port, seen } = await serve((_request, response) => {
      response.writeHead(200, { 'content-encoding': name }).end(body);
    });
    const answer = guard({ hosts: ['127.0.0.1'] })(`http://127.0.0.1:${port}/`);
    await expect(answer).rejects.toMatchObject({ code: 'NETWORK_ANSWER_REFUSED' });
    expect(seen[0]?.headers['accept-encoding']).toBe('identity');
  });

  it.each([{ declares: true }, { declares: false }])('one that is too large is cut off: %j', async ({ declares }) => {
    const { port } = await serve((_request, response) => {
      if (declares) response.setHeader('content-length', 2_000);
      response.write(Buffer.alloc(1_000));
      response.end(Buffer.alloc(1_000));
    });
    const read = async () =>
      (await guard({ hosts: ['127.0.0.1'], maxBytes: 1_999 })(`http://127.0.0.1:${port}/`)).arrayBuffer();
    await expect(read()).rejects.toMatchObject({ code: 'NETWORK_ANSWER_REFUSED' });
  });

  it('one of just the right size is read', async () => {
    const { port } = await serve((_request, response) => response.end(Buffer.alloc(2_000)));
    const answer = await guard({ hosts: ['127.0.0.1'], maxBytes: 2_000 })(`http://127.0.0.1:${port}/`);
    expect((await answer.arrayBuffer()).byteLength).toBe(2_000);
  });

  it('sends what it was given, as a Request too', async () => {
    const bodies: string[] = [];
    const { port, seen } = await serve((request, response) => {
      request.setEncoding('utf8').on('data', (text: string) => bodies.push(text));
      request.on('end', () => response.end());
    });
    const url = `http://127.0.0.1:${port}/token`;
    const parts = { method: 'POST', headers: { 'x-one': '1' }, body: 'grant_type=x' };
    const fetching = guard({ hosts: ['127.0.0.1'] });
    await fetching(url, parts);
    await fetching(new Request(url, parts));
    expect(seen.map(({ method, headers }) => [method, headers['x-one']])).toEqual([
      ['POST', '1'],
      ['POST', '1'],
    ]);
    expect(bodies).toEqual(['grant_type=x', 'grant_type=x']);
  });

  it('ends with the signal', async () => {
    const { port, seen } = await serve(() => undefined);
    const controller = new AbortController();
    const answer = guard({ hosts: ['127.0.0.1'] })(`http://127.0.0.1:${port}/`, { signal: controller.signal });
    while (seen.length === 0) await new Promise((resolve) => setImmediate(resolve));
    controller.abort();
    await expect(answer).rejects.toMatchObject({ name: 'AbortError' });
  });

  it('does not wait for ever', async () => {
    const { port } = await serve(() => undefined);
    const answer = guard({ hosts: ['127.0.0.1'], timeout: 1 })(`http://127.0.0.1:${port}/`);
    await expect(answer).rejects.toMatchObject({ code: expect.stringMatching(/TIMEOUT/) as string });
  });
});
