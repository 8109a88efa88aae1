import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { command, createComposeDeployment, deriveImage } from './support/compose-deployment.ts';
import type { ComposeDeployment } from './support/compose-deployment.ts';

let deployment: ComposeDeployment;
let first: string;
let second: string;
/** Says that it is healthy, and is no MCP server. */
let useless: string;
/** Does not start. */
let broken: string;

const NOT_A_HOST = `require("node:http").createServer((q, r) => r.end("{}")).listen(8000)`;

beforeAll(async () => {
  deployment = await createComposeDeployment();
  first = await deriveImage(deployment.folder, 'first', ['LABEL which=first']);
  second = await deriveImage(deployment.folder, 'second', ['LABEL which=second']);
  useless = await deriveImage(deployment.folder, 'useless', [
    `ENTRYPOINT ["node", "-e", ${JSON.stringify(NOT_A_HOST)}]`,
    'CMD []',
  ]);
  broken = await deriveImage(deployment.folder, 'broken', ['ENTRYPOINT ["node", "-e", "process.exit(7)"]', 'CMD []']);
});

afterAll(async () => {
  await deployment[Symbol.asyncDispose]();
  await command('docker', [
    'image',
    'rm',
    '--force',
    ...['first', 'second', 'useless', 'broken'].map((name) => `hostler-test-${name}:1`),
  ]);
});

const recorded = (name: string): string => readFileSync(join(deployment.folder, '.releases', name), 'utf8').trim();

async function running(): Promise<string> {
  const { output } = await deployment.compose('ps', '--quiet', 'api');
  return (await command('docker', ['inspect', '--format', '{{.Config.Image}}', output.trim()])).output.trim();
}

test('the first image is deployed by its digest', async () => {
  const { code, output } = await deployment.script('deploy.sh', first);
  expect(output).toMatch(/smoke test: passed in \d+\.\d s: hostler \S+ lists 1 tools/);
  expect([code, recorded('current'), await running()]).toEqual([0, first, first]);
  expect(await deployment.call('one')).toBe('one');
});

test.each([
  ['does not start', () => broken],
  ['is healthy and of no use', () => useless],
])('an image that %s: the one before runs again, without a hand', async (_name, image) => {
  const started = performance.now();
  const { code, output } = await deployment.script('deploy.sh', image());
  console.log(`back after ${((performance.now() - started) / 1000).toFixed(1)} s`);
  expect(output).toContain(`goes back to ${first}`);
  expect([code, recorded('current'), await running()]).toEqual([1, first, first]);
  expect(await deployment.call('two')).toBe('two');
});

test('another image is deployed, and rolled back to the digest before; then forth again', async () => {
  expect((await deployment.script('deploy.sh', second)).code).toBe(0);
  expect([recorded('previous'), recorded('current'), await running()]).toEqual([first, second, second]);
  const { code, output } = await deployment.script('rollback.sh');
  expect(output).toContain(`goes back to ${first}`);
  expect([code, recorded('previous'), recorded('current'), await running()]).toEqual([0, second, first, first]);
  expect(await deployment.call('three')).toBe('three');
  expect((await deployment.script('rollback.sh', second)).code).toBe(0);
  expect(await running()).toBe(second);
  expect(await deployment.call('four')).toBe('four');
});

test('what cannot be deployed changes nothing', async () => {
  const before = [recorded('history'), await running()];
  const absent = `hostler-api@sha256:${'0'.repeat(64)}`;
  for (const [image, problem] of [
    ['hostler-test-first:1', 'has no digest'],
    [absent, 'cannot be fetched'],
    ['', 'which image?'],
  ] as const) {
    // oxlint-disable-next-line no-await-in-loop -- one after the other
    const { code, output } = await deployment.script('deploy.sh', ...(image === '' ? [] : [image]));
    expect([code, output]).toEqual([2, expect.stringContaining(problem)]);
  }
  const check = await deployment.script('deploy.sh', '--check', first);
  expect([check.code, check.output]).toEqual([0, expect.stringContaining(`would replace ${second} by ${first}`)]);
  expect((await deployment.script('deploy.sh', '--check', absent)).code).toBe(2);
  expect([recorded('history'), await running()]).toEqual(before);
});

test('two at the same time: the second is refused', async () => {
  const [one, other] = await Promise.all([
    deployment.script('deploy.sh', first),
    deployment.script('deploy.sh', second),
  ]);
  expect([one.code, other.code].toSorted((a, b) => a - b)).toEqual([0, 2]);
  expect(one.output + other.output).toContain('another deployment is under way');
});

test('every script says what it does', async () => {
  for (const name of ['deploy.sh', 'rollback.sh', 'backup.sh', 'restore.sh']) {
    // oxlint-disable-next-line no-await-in-loop -- a few
    const { code, output } = await deployment.script(name, '--help');
    expect([code, output]).toEqual([0, expect.stringContaining(`usage: ${name}`)]);
    // oxlint-disable-next-line no-await-in-loop -- a few
    expect((await deployment.script(name, '--nonsense')).code).toBe(2);
  }
});
