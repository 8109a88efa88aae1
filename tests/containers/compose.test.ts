import process from 'node:process';
import { afterEach, describe, expect, it } from 'vitest';
import { createStack, hasImage } from './support/compose.ts';
import type { Stack } from './support/compose.ts';
import { connect } from './support/connect.ts';
import { until } from './support/container.ts';
import { docker } from './support/docker.ts';
import { print } from './support/print.ts';

const REDIS = process.env['REDIS_IMAGE'] ?? 'redis:7-bookworm';
let stack: Stack | undefined;

afterEach(async () => {
  await stack?.remove();
  stack = undefined;
});

async function up(environment: Readonly<Record<string, string>> = {}): Promise<Stack> {
  stack = await createStack({ environment });
  const { exitCode, stderr, milliseconds } = await stack.compose('up', '--detach', '--wait', '--wait-timeout=60');
  const { stdout: log } = await stack.compose('logs', '--no-color');
  if (exitCode !== 0) throw new Error(`${stderr}\n${log}`);
  print(
    `compose up --wait${environment['COMPOSE_PROFILES'] ? ` with ${environment['COMPOSE_PROFILES']}` : ''}`,
    milliseconds / 1000,
    's',
  );
  expect(milliseconds).toBeLessThan(30_000);
  return stack;
}

async function callThrough({ base, key }: Stack): Promise<string> {
  const { call, close } = await connect(base, key);
  try {
    return await call('clock__now', { zone: 'Europe/Oslo' });
  } finally {
    await close();
  }
}

describe('docker-compose.yml', () => {
  it('is up in less than 30 s, and a client calls a tool through it', async () => {
    const running = await up();
    expect(await callThrough(running)).toMatch(/\d?\d:\d\d:\d\d (CET|CEST|GMT\+[12])/);
  });

  it('starts the api with nothing that it does not need', async () => {
    const running = await up();
    const { stdout: id } = await running.compose('ps', '--quiet', 'api');
    const format =
      '{{.HostConfig.ReadonlyRootfs}} {{.HostConfig.CapDrop}} {{.HostConfig.SecurityOpt}} {{.HostConfig.Memory}} {{.HostConfig.PidsLimit}} {{.HostConfig.LogConfig.Config}}';
    expect(await docker('inspect', '--format', format, id.trim())).toBe(
      'true [ALL] [no-new-privileges:true] 536870912 512 map[max-file:5 max-size:10m]',
    );
    // The volume belongs to the user: the record of calls is written there.
    await callThrough(running);
    const { stdout } = await running.compose('exec', '--no-TTY', 'api', 'ls', '/var/lib/hostler/audit');
    expect(stdout.trim()).not.toBe('');
  });

  it('keeps its state when the containers are made anew', async () => {
    const running = await up();
    await callThrough(running);
    await running.compose('down', '--timeout=10');
    const { exitCode } = await running.compose('up', '--detach', '--wait');
    expect(exitCode).toBe(0);
    const { stdout, stderr } = await running.compose('exec', '--no-TTY', 'api', 'hostler', 'audit', 'search', '--json');
    expect(stdout + stderr).toContain('clock');
  });

  it('counts rates in Redis with the profile redis', async ({ skip }) => {
    if (!(await hasImage(REDIS))) skip(`there is no ${REDIS} on this engine`);
    const running = await up({
      COMPOSE_PROFILES: 'redis',
      CONFIG: './deploy/compose/hostler.redis.yaml',
      HOSTLER_WAIT_FOR: 'redis:6379',
    });
    expect(await callThrough(running)).not.toBe('');
    const ask = 'REDISCLI_AUTH=$(cat /run/secrets/redis-password) redis-cli CLIENT LIST';
    await until('the api is a client of Redis', async () => {
      const { stdout } = await running.compose('exec', '--no-TTY', 'redis', 'sh', '-c', ask);
      return stdout.trim().split('\n').length > 1;
    });
  });

  it('has every service bounded, restarted and rotated, and publishes only what it must', async () => {
    stack = await createStack();
    const { stdout, stderr } = await stack.compose('--profile', '*', 'config', '--format', 'json');
    expect(stderr).toBe('');
    const { services } = JSON.parse(stdout) as { services: Readonly<Record<string, Service>> };
    expect(Object.keys(services).toSorted()).toEqual([
      'alloy',
      'api',
      'grafana',
      'loki',
      'postgres',
      'prometheus',
      'redis',
    ]);
    const unbounded = Object.entries(services).filter(([, service]) => {
      const { memory, pids } = service.deploy.resources.limits;
      return !(Number(memory) > 0) || !(pids > 0);
    });
    expect(unbounded).toEqual([]);
    for (const service of Object.values(services)) {
      expect(service).toMatchObject({
        restart: 'unless-stopped',
        security_opt: ['no-new-privileges:true'],
        logging: { driver: 'json-file', options: { 'max-size': '10m' } },
        healthcheck: { test: expect.any(Array) as unknown },
      });
      for (const { host_ip: address } of service.ports ?? []) expect(address).toBe('127.0.0.1');
    }
    const published = Object.keys(services).filter((name) => services[name]?.ports !== undefined);
    expect(published.toSorted()).toEqual(['api', 'grafana']);
  });
});

interface Service {
  readonly deploy: { readonly resources: { readonly limits: { readonly memory: string; readonly pids: number } } };
  readonly ports?: readonly { readonly host_ip: string }[];
}
