import { TestAuthority } from '@hostler/test-kit/test-authority';
import { beforeAll, expect, test } from 'vitest';
import { answerOf, RawServer } from '../support/http1/raw-server.ts';
import { Stage } from '../support/http1/stage.ts';
import { until } from '../support/http1/until.ts';

let authority: TestAuthority;
let served: { readonly cert: string; readonly key: string };

beforeAll(async () => {
  authority = await TestAuthority.create();
  const { certificate, key } = await authority.issue(['IP:127.0.0.1', 'DNS:mcp.test'], { use: 'server' });
  served = { cert: certificate, key };
});

async function secureStage(ca = authority.certificate, more: object = {}): Promise<Stage> {
  return Stage.set({ server: await RawServer.start({ tls: { ...served, ...more } }), tls: { ca } });
}

test('requests and answers over TLS, on one connection', async () => {
  await using stage = await secureStage();
  const reply = stage.send({ path: '/secure' });
  const peer = await stage.server.accepted();
  expect(await peer.answer(answerOf('secret'))).toMatch(/^POST \/secure HTTP\/1\.1\r\n/);
  expect((await reply.over()).body).toBe('secret');
  for (let round = 0; round < 5; round++) {
    expect((await stage.exchange(peer, answerOf(`${round}`))).body).toBe(`${round}`);
  }
  expect(stage.server.peers).toHaveLength(1);
});

test('a large body each way, over several records', async () => {
  await using stage = await secureStage();
  const body = Buffer.alloc(500_000, 'abcdefghij');
  const reply = stage.send({ body });
  const peer = await stage.server.accepted();
  const request = await peer.request();
  expect(request.endsWith(body.toString('latin1'))).toBe(true);
  await peer.send(answerOf(body.toString('latin1')));
  expect((await reply.over()).body).toBe(body.toString('latin1'));
  expect((await stage.exchange(peer, answerOf('again'))).body).toBe('again');
});

test('a certificate that nobody vouches for: nothing is sent, and the code is there', async () => {
  const other = await TestAuthority.create();
  await using stage = await secureStage(other.certificate);
  const reply = await stage.send().over();
  expect(reply.told).toEqual(['error']);
  expect(reply.errorController).toBeUndefined();
  expect(reply.error?.code).toMatch(/^(?:UNABLE_TO|SELF_SIGNED|CERT_SIGNATURE)/);
});

test('a server that wants a certificate says so after the connection stands: the code is there', async () => {
  await using stage = await secureStage(authority.certificate, {
    requestCert: true,
    rejectUnauthorized: true,
    ca: authority.certificate,
    minVersion: 'TLSv1.3',
  });
  const reply = await stage.send().over();
  expect(reply.told.at(-1)).toBe('error');
  expect(reply.error?.code).toMatch(/^ERR_SSL_.*ALERT.*CERTIFICATE/);
});

test('a server without TLS', async () => {
  const server = await RawServer.start();
  await using stage = await Stage.set({ server, origin: new URL(`https://${server.origin.host}`) });
  const reply = stage.send();
  const peer = await server.accepted();
  peer.end('HTTP/1.1 400 Bad Request\r\n\r\n');
  await reply.over();
  expect(reply.told).toEqual(['error']);
  expect(reply.error?.code).toMatch(/^ERR_SSL_|^EPROTO|^ECONNRESET/);
});

test.each<readonly [string, (stage: Stage) => void]>([
  ['closes', (stage) => stage.server.peers[0]?.destroy()],
  ['ends', (stage) => stage.server.peers[0]?.end()],
  ['sends something', (stage) => void stage.server.peers[0]?.send(answerOf('evil'))],
])('a free connection that the server %s is not taken', async (_, spoil) => {
  await using stage = await secureStage();
  const first = stage.send();
  await (await stage.server.accepted()).answer(answerOf('1'));
  await first.over();
  spoil(stage);
  await until(() => stage.clientSockets[0]?.destroyed === true);
  const second = stage.send();
  await (await stage.server.accepted()).answer(answerOf('2'));
  expect((await second.over()).body).toBe('2');
});

test('close leaves no connection', async () => {
  await using stage = await secureStage();
  const first = stage.send();
  const peer = await stage.server.accepted();
  await peer.answer(answerOf('1'));
  await first.over();
  const second = stage.send();
  await peer.request();
  await stage.close();
  expect(second.told.at(-1)).toBe('error');
  await until(() => stage.server.isDeserted);
});
