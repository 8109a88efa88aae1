import { generateKeyPairSync } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { startGcpSecretManager, startProcess, temporaryDirectory } from '@hostler/test-kit';
import { describe, expect, it } from 'vitest';
import { TRANSPORTS } from './backend.ts';
import { selfSigned } from './certificate.ts';
import { startMetadataServer } from './metadata-server.ts';

const script = join(import.meta.dirname, 'read-in-child.ts');

/** What the program answers; anything else that it prints fails the test. */
async function inChild(
  options: object,
  wishes: readonly string[],
  environment: Record<string, string>,
): Promise<unknown> {
  const parameters = ['--conditions=@hostler/source', script, JSON.stringify(options), ...wishes];
  await using child = await startProcess(process.execPath, parameters, {
    env: { PATH: '/nowhere', HOME: '/nowhere', ...environment },
    waitFor: /^\[/,
    timeout: 30_000,
  });
  expect(await child.exited).toEqual({ code: 0, signal: null });
  await expect(child.stderr.take(() => true, 30_000)).rejects.toThrow('exited with 0');
  return JSON.parse(child.firstLine);
}

describe('without credentials', () => {
  it.each(TRANSPORTS)('a read over %s says what is missing, well within its time', async (transport) => {
    const started = performance.now();
    const answers = await inChild({ transport, project: 'my-project' }, ['gcp://token', 'check'], {
      METADATA_SERVER_DETECTION: 'none',
    });
    const problem = expect.stringMatching(/^this host has no Google Cloud credentials: attach a service account/);
    expect(answers).toEqual([
      ['SECRET_ACCESS_DENIED', problem],
      ['SECRET_ACCESS_DENIED', problem],
    ]);
    expect(performance.now() - started).toBeLessThan(15_000);
  });

  it('of the file that is named', async () => {
    const environment = { GOOGLE_APPLICATION_CREDENTIALS: '/nowhere/key.json', METADATA_SERVER_DETECTION: 'none' };
    expect(await inChild({}, ['gcp://my-project/token'], environment)).toEqual([
      ['SECRET_ACCESS_DENIED', expect.stringMatching(/^the file that GOOGLE_APPLICATION_CREDENTIALS names cannot/)],
    ]);
  });
});

/** A key file, with which the library makes its tokens itself. */
function keyFile(): string {
  const { privateKey } = generateKeyPairSync('rsa', {
    modulusLength: 2048,
    publicKeyEncoding: { type: 'spki', format: 'pem' },
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
  });
  return JSON.stringify({
    type: 'service_account',
    project_id: 'project-of-the-key',
    private_key: privateKey,
    client_email: 'hostler@project-of-the-key.iam.gserviceaccount.com',
  });
}

it.each(TRANSPORTS)('credentials that come later are found by the next read over %s', async (transport) => {
  const tls = await selfSigned();
  await using directory = await temporaryDirectory();
  await using backend = await startGcpSecretManager({ tls, project: 'project-of-the-key' });
  backend.set('token', 'the-value');
  const roots = join(directory.path, 'roots.pem');
  const prepared = join(directory.path, 'prepared.json');
  const named = join(directory.path, 'key.json');
  await writeFile(roots, tls.cert);
  await writeFile(prepared, keyFile());
  const endpoint = backend[transport].replace('127.0.0.1', 'localhost');
  const wishes = ['gcp://token', `copy ${prepared} ${named}`, 'check', 'gcp://token'];
  const answers = await inChild({ transport, endpoint }, wishes, {
    GOOGLE_APPLICATION_CREDENTIALS: named,
    GRPC_DEFAULT_SSL_ROOTS_FILE_PATH: roots,
    NODE_EXTRA_CA_CERTS: roots,
  });
  expect(answers).toEqual([
    ['SECRET_ACCESS_DENIED', expect.stringMatching(/^the file that GOOGLE_APPLICATION_CREDENTIALS names cannot/)],
    'fine',
    { value: 'the-value', version: '1' },
  ]);
  expect(backend.reads.map(({ authorization }) => authorization)).toEqual([expect.stringMatching(/^Bearer ey/)]);
});

describe.each(TRANSPORTS)('with the identity of the platform, over %s', (transport) => {
  const token = 'token-of-this-workload';

  async function onPlatform(
    metadata: Parameters<typeof startMetadataServer>[0],
    run: (options: object, environment: Record<string, string>) => Promise<void>,
  ): Promise<void> {
    const tls = await selfSigned();
    await using directory = await temporaryDirectory();
    await using backend = await startGcpSecretManager({ tls, token, project: 'my-project' });
    await using platform = await startMetadataServer(metadata);
    backend.set('token', 'the-value');
    const roots = join(directory.path, 'roots.pem');
    await writeFile(roots, tls.cert);
    await run(
      // Its certificate is for the name, not for the address.
      { transport, endpoint: backend[transport].replace('127.0.0.1', 'localhost') },
      {
        GCE_METADATA_HOST: platform.address,
        METADATA_SERVER_DETECTION: 'assume-present',
        GRPC_DEFAULT_SSL_ROOTS_FILE_PATH: roots,
        NODE_EXTRA_CA_CERTS: roots,
        // The library's own logging must not print what it reads.
        GOOGLE_SDK_NODE_LOGGING: '',
      },
    );
  }

  it('a secret is read with its token, in its project', async () => {
    await onPlatform({ project: 'my-project', token }, async (options, environment) => {
      expect(
        await inChild(options, ['check', 'gcp://token', 'gcp://my-project/token/versions/1'], environment),
      ).toEqual(['fine', { value: 'the-value', version: '1' }, { value: 'the-value', version: '1', pinned: true }]);
    });
  });

  it('a token that Secret Manager refuses is said to be missing or expired', async () => {
    await onPlatform({ project: 'my-project', token: 'another-token' }, async (options, environment) => {
      expect(await inChild(options, ['gcp://token'], environment)).toEqual([
        ['SECRET_ACCESS_DENIED', expect.stringMatching(/^the credentials are missing or expired: /)],
      ]);
    });
  });

  it('a platform that names no project leaves it to the reference', async () => {
    await onPlatform({ token }, async (options, environment) => {
      expect(await inChild(options, ['gcp://token', 'gcp://my-project/token'], environment)).toEqual([
        [
          'SECRET_REFERENCE_INVALID',
          expect.stringMatching(/^write gcp:\/\/PROJECT\/SECRET, or set the option project/),
        ],
        { value: 'the-value', version: '1' },
      ]);
    });
  });

  it('a platform that gives no token denies access', async () => {
    await onPlatform({ project: 'my-project', token: 404 }, async (options, environment) => {
      const denied = [
        'SECRET_ACCESS_DENIED',
        expect.stringMatching(/^no access token is given for the credentials of this host: /),
      ];
      expect(await inChild(options, ['gcp://token', 'check'], environment)).toEqual([denied, denied]);
    });
  });
});
