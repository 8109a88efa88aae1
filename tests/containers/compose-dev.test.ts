import { execFileSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createStack } from './support/compose.ts';
import type { Stack } from './support/compose.ts';
import { connect } from './support/connect.ts';
import { until } from './support/container.ts';
import { root } from './support/docker.ts';
import { print } from './support/print.ts';

/** Installing every package into an empty volume. */
const START_LIMIT = 280_000;
const EDITED = 'apps/api/src/health.ts';

let workspace = '';
let stack: Stack;

/** A copy of the sources, since one of them is edited. */
async function copySources(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'hostler-workspace-'));
  const listed = execFileSync('git', ['ls-files', '-z', '--cached', '--others', '--exclude-standard'], { cwd: root });
  const list = join(folder, '.files');
  await writeFile(list, listed);
  const tar = execFileSync('tar', ['--null', `--files-from=${list}`, '--ignore-failed-read', '-cf', '-'], {
    cwd: root,
    maxBuffer: 2 ** 29,
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  execFileSync('tar', ['-xf', '-'], { cwd: folder, input: tar });
  return folder;
}

beforeAll(async () => {
  workspace = await copySources();
  const override = join(workspace, '.trust.yml');
  const authorities = process.env['CA_FILE'];
  const trust = authorities
    ? {
        volumes: [`${authorities}:/run/authorities.pem:ro`],
        environment: { npm_config_cafile: '/run/authorities.pem' },
      }
    : {};
  await writeFile(override, JSON.stringify({ services: { dev: trust } }));
  stack = await createStack({
    files: ['docker-compose.dev.yml', override],
    environment: { WORKSPACE: workspace, ...(authorities && { DEV_CA_CERTS: '/run/authorities.pem' }) },
  });
  const { exitCode, stderr, milliseconds } = await stack.compose(
    'up',
    '--detach',
    '--no-build',
    '--wait',
    '--wait-timeout=280',
  );
  const { stdout: log } = await stack.compose('logs', '--no-color', '--tail=60');
  if (exitCode !== 0) throw new Error(`${stderr}\n${log}`);
  print('compose dev up, with every package installed', milliseconds / 1000, 's');
}, START_LIMIT);

afterAll(async () => {
  await stack?.remove();
  if (workspace !== '') await rm(workspace, { recursive: true, force: true });
});

describe('docker-compose.dev.yml', () => {
  it('serves from the sources', async () => {
    const { call, close } = await connect(stack.base, stack.key);
    expect(await call('clock__now')).toMatch(/\d?\d:\d\d:\d\d UTC/);
    await close();
  });

  // Neighbours on a shared machine can spoil a measurement, but not three in a row.
  it('has a changed source in use in less than 5 s', { retry: 2 }, async () => {
    const path = join(workspace, EDITED);
    const source = await readFile(path, 'utf8');
    const mark = `edited-${randomUUID()}`;
    const changed = source.replace(
      /return \{ status, phase.*\};/,
      `return { status, phase, mark: '${mark}' } as never;`,
    );
    expect(changed).not.toBe(source);
    const started = performance.now();
    await writeFile(path, changed);
    await until('the answer is that of the changed source', async () => (await ready()).includes(mark));
    const live = (performance.now() - started) / 1000;
    print('changed source in use after', live, 's');
    expect(live).toBeLessThan(5);
  });

  it('has a debugger on this machine alone', async () => {
    const { stdout } = await stack.compose('port', 'dev', '9229');
    const [host] = stdout.trim().split(':');
    expect(host).toBe('127.0.0.1');
    const response = await fetch(`http://${stdout.trim()}/json/version`);
    expect(await response.json()).toMatchObject({ Browser: expect.stringContaining('node.js/v24') as unknown });
  });
});

async function ready(): Promise<string> {
  try {
    return await (await fetch(`${stack.base}/readyz`, { signal: AbortSignal.timeout(1_000) })).text();
  } catch {
    return '';
  }
}
