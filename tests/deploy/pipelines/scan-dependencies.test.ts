import { createServer } from 'node:http';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { once } from 'node:events';
import { spawn } from 'node:child_process';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { afterEach, expect, test } from 'vitest';
import { readAllowedAdvisories } from '../../../scripts/scan/scan-dependencies.ts';

const root = fileURLToPath(new URL('../../..', import.meta.url));
const program = new URL('../../../scripts/scan/scan-dependencies.ts', import.meta.url).href;
let server: Server | undefined;

afterEach(() => {
  server?.close();
});

/** A registry that knows of one hole in a package that runs in production; without a grade it knows nothing at all. */
async function registryThatKnows(severity?: string): Promise<string> {
  server = createServer((request, response) => {
    request.resume().on('end', () => {
      if (severity === undefined) return void response.writeHead(405).end();
      const url = 'https://github.com/advisories/GHSA-aaaa-bbbb-cccc';
      const hole = {
        id: 1,
        url,
        title: 'planted',
        severity,
        vulnerable_versions: '<999.0.0',
        cwe: [],
        cvss: { score: 8 },
      };
      return void response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify({ hono: [hole] }));
    });
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
}

/** In a process of its own: it waits for pnpm, and the registry of this test has to answer meanwhile. */
async function scan(options: object): Promise<{ readonly isClean: boolean; readonly output: string }> {
  const code = `const { scanDependencies } = await import(${JSON.stringify(program)});
    process.exitCode = scanDependencies(${JSON.stringify(root)}, ${JSON.stringify(options)}) ? 0 : 1;`;
  const child = spawn(process.execPath, ['--input-type=module', '--eval', code], { stdio: ['ignore', 'pipe', 'pipe'] });
  const [output, problems, [exitCode]] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    once(child, 'close'),
  ]);
  return { isClean: exitCode === 0, output: output + problems };
}

test('a grave hole stops', async () => {
  const { isClean, output } = await scan({ registry: await registryThatKnows('high'), allowed: [] });
  expect(isClean).toBe(false);
  expect(output).toContain('high: hono <999.0.0: planted');
  expect(output).toContain('1 known hole of grade high or critical');
});

test('a hole of a lower grade does not', async () => {
  expect((await scan({ registry: await registryThatKnows('moderate'), allowed: [] })).isClean).toBe(true);
});

test('a grave one that was accepted stops again when its time is over', async () => {
  const registry = await registryThatKnows('critical');
  const accepted = { advisory: 'GHSA-aaaa-bbbb-cccc', reason: 'not reachable from here' };
  expect(await scan({ registry, allowed: [{ ...accepted, until: '2999-01-01' }] })).toEqual({
    isClean: true,
    output: expect.stringContaining('no known hole of grade high or critical (1 accepted)'),
  });
  expect((await scan({ registry, allowed: [{ ...accepted, until: '2020-01-01' }] })).isClean).toBe(false);
});

test('a registry that cannot tell is said, and is a failure only where it is required', async () => {
  const registry = await registryThatKnows();
  const { isClean, output } = await scan({ registry, allowed: [] });
  expect(isClean).toBe(true);
  expect(output).toContain('dependencies: skipped: the registry does not tell what is known');
  expect((await scan({ registry, allowed: [], isRequired: true })).isClean).toBe(false);
});

test('what is accepted says why, and for how long', () => {
  for (const { reason, until } of readAllowedAdvisories()) {
    expect(reason.length).toBeGreaterThan(20);
    expect(Date.parse(until)).toBeLessThan(Date.now() + 366 * 86_400_000);
  }
});
