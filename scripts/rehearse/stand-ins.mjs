import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { connect } from 'node:net';
import { startAwsSecretsManager } from '../../packages/test-kit/src/clouds/aws-secrets-manager.ts';
import { startGcpSecretManager } from '../../packages/test-kit/src/clouds/gcp-secret-manager.ts';
import { freePort } from './registry.mjs';

/**
 * What the examples of the READMEs need beside their packages: the clouds' secret managers and Redis, on this machine.
 * @returns the environment of the examples; `without` names packages whose example cannot run here, and why
 */
export async function startStandIns() {
  const aws = await startAwsSecretsManager();
  aws.set('prod/orders-db', JSON.stringify({ password: 'correct-horse-battery' }));
  const gcp = await startGcpSecretManager({ project: 'my-project' });
  gcp.set('github-token', 'correct-horse-battery');
  const redis = await startRedis();
  return {
    env: {
      ...aws.environment,
      GCP_STAND_IN: gcp.grpc,
      METADATA_SERVER_DETECTION: 'none',
      ...(redis && { REDIS_URL: redis.url }),
    },
    without: redis ? {} : { '@hostler/limits-redis': 'neither redis-server nor valkey-server is installed' },
    async stop() {
      await redis?.stop();
      await gcp[Symbol.asyncDispose]();
      await aws[Symbol.asyncDispose]();
    },
  };
}

async function startRedis() {
  const program = ['redis-server', 'valkey-server'].find((name) => spawnSync(name, ['--version']).status === 0);
  if (program === undefined) return undefined;
  const port = await freePort();
  const settings = ['--port', port, '--bind', '127.0.0.1', '--save', '', '--appendonly', 'no'];
  const server = spawn(program, settings.map(String), { stdio: 'ignore' });
  const exited = once(server, 'exit');
  await untilListens(port, server);
  return {
    url: `redis://127.0.0.1:${port}`,
    async stop() {
      server.kill();
      await exited;
    },
  };
}

async function untilListens(port, server) {
  const deadline = performance.now() + 30_000;
  while (performance.now() < deadline) {
    if (server.exitCode !== null) throw new Error('Redis ended before it was ready');
    const socket = connect(port, '127.0.0.1');
    try {
      await once(socket, 'connect');
      return;
    } catch {
      await new Promise((resolve) => setTimeout(resolve, 50));
    } finally {
      socket.destroy();
    }
  }
  throw new Error('Redis was not ready within 30 s');
}
