import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { freePort } from '../support/free-port.ts';
import { run } from '../support/program.ts';
import type { Ran } from '../support/program.ts';
import { stopProgram } from '../support/stop-program.ts';

export interface Programs {
  readonly kubectl: string;
  readonly etcd: string;
  readonly apiServer: string;
}

/** An API server without controllers and nodes: it checks and keeps objects, and nothing comes of them. */
export interface ApiServer extends AsyncDisposable {
  kubectl(parameters: readonly string[], input?: unknown): Promise<Ran>;
  /** For other programs that speak to it. */
  readonly config: string;
}

/** On loopback, with certificates, keys and a token of its own, which end with it. */
export async function startApiServer({ kubectl, etcd, apiServer }: Programs): Promise<ApiServer> {
  const folder = await mkdtemp(join(tmpdir(), 'hostler-api-server-'));
  const started: ChildProcess[] = [];
  const start = (name: string, program: string, parameters: readonly string[]): void => {
    const log = createWriteStream(join(folder, `${name}.log`));
    const child = spawn(program, parameters, { cwd: folder, stdio: ['ignore', 'pipe', 'pipe'] });
    child.stdout.pipe(log, { end: false });
    child.stderr.pipe(log, { end: false });
    started.push(child);
  };
  const close = async (): Promise<void> => {
    for (const child of started.toReversed()) await stopProgram(child);
    await rm(folder, { recursive: true, force: true });
  };
  try {
    const [client, peer, port] = [await freePort(), await freePort(), await freePort()];
    start('etcd', etcd, etcdParameters(folder, client, peer));
    const token = randomBytes(24).toString('hex');
    await writeIdentity(folder, token);
    start('api-server', apiServer, apiServerParameters(folder, client, port));
    const config = join(folder, 'kubeconfig');
    const ask = (parameters: readonly string[], input?: unknown): Promise<Ran> =>
      run(
        kubectl,
        ['--kubeconfig', config, ...parameters],
        input === undefined ? {} : { input: JSON.stringify(input) },
      );
    const isReady = async (): Promise<boolean> => {
      const isWritten = await writeKubeconfig(folder, { config, port, token });
      return isWritten && (await ask(['get', '--raw', '/readyz'])).stdout === 'ok';
    };
    await untilReady(isReady, () => readFile(join(folder, 'api-server.log'), 'utf8'));
    return { kubectl: ask, config, [Symbol.asyncDispose]: close };
  } catch (error) {
    await close();
    throw error;
  }
}

/** @throws after 90 seconds, with the end of its log */
async function untilReady(isReady: () => Promise<boolean>, readLog: () => Promise<string>): Promise<void> {
  const deadline = performance.now() + 90_000;
  while (!(await isReady())) {
    if (performance.now() > deadline) throw new Error(`It is not ready: ${(await readLog()).slice(-2000)}`);
    await pause(200);
  }
}

function etcdParameters(folder: string, client: number, peer: number): string[] {
  return [
    `--data-dir=${join(folder, 'etcd')}`,
    `--listen-client-urls=http://127.0.0.1:${client}`,
    `--advertise-client-urls=http://127.0.0.1:${client}`,
    `--listen-peer-urls=http://127.0.0.1:${peer}`,
    `--initial-advertise-peer-urls=http://127.0.0.1:${peer}`,
    `--initial-cluster=default=http://127.0.0.1:${peer}`,
    '--unsafe-no-fsync',
  ];
}

function apiServerParameters(folder: string, client: number, port: number): string[] {
  return [
    `--etcd-servers=http://127.0.0.1:${client}`,
    '--bind-address=127.0.0.1',
    '--advertise-address=127.0.0.1',
    `--secure-port=${port}`,
    `--cert-dir=${folder}`,
    `--token-auth-file=${join(folder, 'tokens.csv')}`,
    '--anonymous-auth=false',
    '--authorization-mode=RBAC',
    '--service-cluster-ip-range=10.96.0.0/16',
    '--service-account-issuer=https://kubernetes.default.svc',
    `--service-account-key-file=${join(folder, 'account.key')}`,
    `--service-account-signing-key-file=${join(folder, 'account.key')}`,
    '--endpoint-reconciler-type=none',
    // On by itself from 1.27.
    '--feature-gates=PDBUnhealthyPodEvictionPolicy=true',
  ];
}

async function writeIdentity(folder: string, token: string): Promise<void> {
  const { privateKey } = generateKeyPairSync('rsa', {
    modulusLength: 2048,
    publicKeyEncoding: { type: 'spki', format: 'pem' },
    privateKeyEncoding: { type: 'pkcs1', format: 'pem' },
  });
  await writeFile(join(folder, 'account.key'), privateKey, { mode: 0o600 });
  await writeFile(join(folder, 'tokens.csv'), `${token},tester,tester,"system:masters"\n`, { mode: 0o600 });
}

/** As soon as the server has made its certificate. */
async function writeKubeconfig(
  folder: string,
  { config, port, token }: { readonly config: string; readonly port: number; readonly token: string },
): Promise<boolean> {
  try {
    const certificate = await readFile(join(folder, 'apiserver.crt'), 'base64');
    const cluster = { server: `https://127.0.0.1:${port}`, 'certificate-authority-data': certificate };
    await writeFile(
      config,
      JSON.stringify({
        apiVersion: 'v1',
        kind: 'Config',
        clusters: [{ name: 'test', cluster }],
        users: [{ name: 'test', user: { token } }],
        contexts: [{ name: 'test', context: { cluster: 'test', user: 'test' } }],
        'current-context': 'test',
      }),
      { mode: 0o600 },
    );
    return true;
  } catch {
    return false;
  }
}
