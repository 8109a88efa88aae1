import { constants } from 'node:crypto';
import { once } from 'node:events';
import { readFile, rm, writeFile } from 'node:fs/promises';
import { request } from 'node:https';
import { connect as connectTcp } from 'node:net';
import { connect } from 'node:tls';
import type { ConnectionOptions, TLSSocket } from 'node:tls';
import { Duplex } from 'node:stream';
import { text } from 'node:stream/consumers';
import { TestAuthority } from '@hostler/test-kit/test-authority';
import { describe, expect, it } from 'vitest';
import { contextOf } from '../src/keep-certificate.ts';
import { newKey, startRig } from './support/consumers-rig.ts';
import type { ConsumersRig, Settings } from './support/consumers-rig.ts';
import { createTlsClient, HOST_NAMES, startTlsRig, writeTlsFiles } from './support/tls-rig.ts';
import type { TlsFiles } from './support/tls-rig.ts';

const key = newKey();
const AGENT = 'URI:spiffe://corp/agent';
const settings: Settings = {
  consumers: { agent: { certificates: [{ san: AGENT }], keys: [key.entry] } },
  reload: { watch: false },
};

async function shake({ authority }: TlsFiles, { url }: ConsumersRig, more: ConnectionOptions = {}): Promise<TLSSocket> {
  const { hostname: host, port } = new URL(url);
  const socket = connect({ host, port: Number(port), ca: authority.certificate, ...more });
  await once(socket, 'secureConnect');
  return socket;
}

/** One request over a connection that there is. */
async function askOver(socket: TLSSocket, path: string): Promise<string> {
  const answered = once(socket, 'data');
  socket.write(`GET ${path} HTTP/1.1\r\nhost: localhost\r\n\r\n`);
  const [head] = (await answered) as [Buffer];
  return head.toString().split(' ')[1] ?? '';
}

const fingerprintOf = (socket: TLSSocket): string => socket.getPeerX509Certificate()?.fingerprint256 ?? '';

it('offers TLS 1.2 and later to clients, and never another handshake on a connection', () => {
  expect(contextOf({ certificate: 'c', key: 'k' })).toEqual({
    cert: 'c',
    key: 'k',
    ca: [],
    minVersion: 'TLSv1.2',
    secureOptions: constants.SSL_OP_NO_RENEGOTIATION,
  });
});

describe('a host with TLS', () => {
  it('answers by TLS 1.2 and 1.3 alone', async () => {
    await using files = await writeTlsFiles('none');
    await using rig = await startTlsRig(files, settings);
    for (const version of ['TLSv1.2', 'TLSv1.3'] as const) {
      const socket = await shake(files, rig, { minVersion: version, maxVersion: version });
      expect([await askOver(socket, '/livez'), socket.getProtocol()]).toEqual(['200', version]);
      socket.destroy();
    }
    const old = { minVersion: 'TLSv1', maxVersion: 'TLSv1.1', ciphers: 'DEFAULT@SECLEVEL=0' } as const;
    await expect(shake(files, rig, old)).rejects.toThrow(/protocol|version/i);
    const { hostname, port } = new URL(rig.url);
    const plain = connectTcp(Number(port), hostname);
    plain.end('GET /livez HTTP/1.1\r\nhost: localhost\r\n\r\n');
    // Nothing that is an answer.
    expect(await text(plain).catch(() => '')).not.toContain('HTTP/1.1 200');
  });

  it('shows its new certificate after a reload, and drops nobody', async () => {
    await using files = await writeTlsFiles('none');
    await using rig = await startTlsRig(files, settings);
    const before = await shake(files, rig);
    await files.writeCertificate(await files.authority.issue(HOST_NAMES));
    await rig.runtime.reload();
    await expect.poll(() => rig.log(), { timeout: 15_000 }).toContain('was read anew');
    const after = await shake(files, rig);
    expect(fingerprintOf(after)).not.toBe(fingerprintOf(before));
    expect([await askOver(before, '/livez'), await askOver(after, '/livez')]).toEqual(['200', '200']);
    before.destroy();
    after.destroy();
  });

  it('keeps its certificate when the new one is none, and takes the next', async () => {
    await using files = await writeTlsFiles('none');
    await using rig = await startTlsRig(files, settings);
    const first = await shake(files, rig);
    const [one, other] = [await files.authority.issue(HOST_NAMES), await files.authority.issue(HOST_NAMES)];
    await files.writeCertificate({ certificate: one.certificate, key: other.key });
    await rig.runtime.reload();
    await expect.poll(() => rig.log(), { timeout: 15_000 }).toContain('the one before it stays in use');
    expect(rig.log()).toContain('the key is not that of the certificate');
    const second = await shake(files, rig);
    expect(fingerprintOf(second)).toBe(fingerprintOf(first));
    await files.writeCertificate(one);
    await rig.runtime.reload();
    await expect.poll(() => rig.log(), { timeout: 15_000 }).toContain('was read anew');
    const third = await shake(files, rig);
    expect(fingerprintOf(third)).not.toBe(fingerprintOf(first));
    for (const socket of [first, second, third]) socket.destroy();
  });

  it('takes a certificate that was renewed by itself where files are watched', async () => {
    await using files = await writeTlsFiles('none');
    await using rig = await startTlsRig(files, { ...settings, reload: { watch: true } });
    const before = await shake(files, rig);
    await files.writeCertificate(await files.authority.issue(HOST_NAMES));
    await expect.poll(() => rig.log(), { timeout: 15_000 }).toContain('was read anew');
    const after = await shake(files, rig);
    expect(fingerprintOf(after)).not.toBe(fingerprintOf(before));
    before.destroy();
    after.destroy();
  });

  it('takes its key from a secret', async () => {
    await using files = await writeTlsFiles('none');
    const { tls } = files;
    const secret = { ...tls, key: { secret: `file://${tls.key}` } };
    await using rig = await startRig({ ...settings, listen: { tls: secret } });
    await using client = createTlsClient(files);
    expect((await client.fetch(`${rig.url}/livez`)).status).toBe(200);
    expect(rig.runtime.secrets.list()).toMatchObject([{ usedBy: ['listen.tls.key'] }]);
    const pem = await readFile(tls.key, 'utf8');
    expect(rig.log()).not.toContain(pem.split('\n')[1]);
  });

  it('goes on while somebody begins TLS and does not end it, and does not wait for that when it stops', async () => {
    await using files = await writeTlsFiles('none');
    await using rig = await startTlsRig(files, { ...settings, shutdown: { grace: '50s' } });
    const { hostname, port } = new URL(rig.url);
    const slow = connectTcp(Number(port), hostname);
    await once(slow, 'connect');
    const fast = await shake(files, rig);
    expect(await askOver(fast, '/livez')).toBe('200');
    const ended = Promise.all([once(slow, 'close'), once(fast, 'close')]);
    const begun = performance.now();
    await rig.stop();
    await ended;
    // Less than TLS gives it.
    expect(performance.now() - begun).toBeLessThan(8_000);
  });
});

describe('a connection with a client certificate', () => {
  it('knows the client when its session is resumed', async () => {
    await using files = await writeTlsFiles('required');
    await using rig = await startTlsRig(files, settings);
    const { certificate: cert, key: own } = await files.clients.issue([AGENT]);
    for (const maxVersion of ['TLSv1.2', 'TLSv1.3'] as const) {
      const first = await shake(files, rig, { cert, key: own, maxVersion });
      let session: Buffer | undefined = first.getSession();
      first.on('session', (next: Buffer) => (session = next));
      expect(await askOver(first, '/v1/tools')).toBe('200');
      first.destroy();
      const again = await shake(files, rig, { cert, key: own, maxVersion, ...(session && { session }) });
      expect([again.isSessionReused(), await askOver(again, '/v1/tools')]).toEqual([true, '200']);
      again.destroy();
    }
  });

  it('ends with the authority that let it in, whose sessions are not resumed', async () => {
    await using files = await writeTlsFiles('optional');
    await using rig = await startTlsRig(files, settings);
    const { certificate: cert, key: own } = await files.clients.issue([AGENT]);
    const first = await shake(files, rig, { cert, key: own });
    let session: Buffer | undefined = first.getSession();
    first.on('session', (next: Buffer) => (session = next));
    expect(await askOver(first, '/v1/tools')).toBe('200');
    const without = await shake(files, rig);
    const ended = once(first, 'close');
    await files.writeAuthorities((await TestAuthority.create()).certificate);
    await rig.runtime.reload();
    await ended;
    const again = await shake(files, rig, { cert, key: own, ...(session && { session }) });
    expect([again.isSessionReused(), await askOver(again, '/v1/tools')]).toEqual([false, '401']);
    expect(await askOver(without, '/livez')).toBe('200');
    again.destroy();
    without.destroy();
  });
  it('ends also where the client had begun TLS before, and not ended it', async () => {
    await using files = await writeTlsFiles('optional');
    await using rig = await startTlsRig(files, settings);
    const { certificate: cert, key: own } = await files.clients.issue([AGENT]);
    const { hostname, port } = new URL(rig.url);
    const raw = connectTcp(Number(port), hostname);
    // The answer of the host to the first message is held back until its authorities are others.
    const held = new Duplex({
      read() {},
      write: (chunk: Buffer, _encoding, done) => raw.write(chunk, () => done()),
    });
    const greeted = once(raw, 'data') as Promise<[Buffer]>;
    // However it ends: what the client sends meanwhile may be answered with a reset.
    const ended = new Promise((resolve) => raw.once('close', resolve));
    raw.on('error', () => undefined);
    const socket = connect({ socket: held, servername: 'localhost', ca: files.authority.certificate, cert, key: own });
    socket.on('error', () => undefined);
    const [greeting] = await greeted;
    raw.on('data', (chunk: Buffer) => held.push(chunk));
    await files.writeAuthorities((await TestAuthority.create()).certificate);
    await rig.runtime.reload();
    await expect.poll(() => rig.log(), { timeout: 15_000 }).toContain('was read anew');
    const shaken = once(socket, 'secureConnect').then(() => askOver(socket, '/v1/tools'));
    held.push(greeting);
    expect(await Promise.race([ended.then(() => 'ended'), shaken])).toBe('ended');
    raw.destroy();
  });
});

describe('a host whose certificate cannot be used', () => {
  it.each<[what: string, spoil: (files: TlsFiles) => Promise<void>, reason: string]>([
    [
      'has the key of another',
      async ({ authority, writeCertificate }) => {
        const [one, other] = [await authority.issue([]), await authority.issue([])];
        await writeCertificate({ certificate: one.certificate, key: other.key });
      },
      'the key is not that of the certificate',
    ],
    [
      'has no certificate',
      ({ writeCertificate }) => writeCertificate({ certificate: 'x', key: 'y' }),
      'is no PEM text',
    ],
    ['has no file', ({ tls }) => rm(tls.certificate), 'cannot be read'],
    ['has no authorities', ({ writeAuthorities }) => writeAuthorities('x'), 'the authorities of clients'],
    ['has a key that is none', ({ tls }) => writeFile(tls.key, 'x'), 'the key is no PEM text'],
  ])('%s does not start', async (_, spoil, reason) => {
    await using files = await writeTlsFiles('optional');
    await spoil(files);
    const started = startTlsRig(files, settings);
    await expect(started).rejects.toMatchObject({ code: 'LISTEN_TLS_UNUSABLE' });
    await expect(started).rejects.toThrow(reason);
  });
});

it('sends no word of TLS without it', async () => {
  await using rig = await startRig(settings);
  expect((await fetch(`${rig.url}/livez`)).headers.has('strict-transport-security')).toBe(false);
});

it('is known to programs of Node by its authority alone', async () => {
  await using files = await writeTlsFiles('none');
  await using rig = await startTlsRig(files, settings);
  const refused = once(request(`${rig.url}/livez`).end(), 'response');
  await expect(refused).rejects.toThrow(/certificate|signed|issuer/i);
});
