import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import process from 'node:process';
import { temporaryDirectory } from '@hostler/test-kit';
import { describe, expect, it } from 'vitest';
import { parse, stringify } from 'yaml';
import { servePlan } from '../serve.ts';
import { freePort } from './support/free-port.ts';
import { at, listAt, textAt } from './support/objects.ts';
import { findOrSay, repository } from './support/program.ts';
import { stopProgram } from './support/stop-program.ts';

const program = findOrSay('prometheus', 'a Prometheus that asks a host');
const ours = join(repository, 'deploy/monitoring/prometheus');
const MONITORING_KEY = 'monitoring-key-of-the-test-0123456789abcdef';
const CLIENT_KEY = 'client-key-of-the-test-0123456789abcdefghij';

/** Says its process id in a file, and answers what a client has to know. */
const SERVER = `
import { writeFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
writeFileSync(process.argv[2], String(process.pid));
const results = {
  initialize: ({ protocolVersion }) => ({ protocolVersion, capabilities: { tools: {} }, serverInfo: { name: 's', version: '1' } }),
  'tools/list': () => ({ tools: [{ name: 'one', inputSchema: { type: 'object' } }] }),
};
for await (const line of createInterface({ input: process.stdin })) {
  const { id, method, params } = JSON.parse(line);
  if (id === undefined) continue;
  const result = results[method]?.(params);
  const error = { code: -32601, message: 'Method not found' };
  process.stdout.write(JSON.stringify({ jsonrpc: '2.0', id, ...(result ? { result } : { error }) }) + '\\n');
}
`;

describe.skipIf(program === undefined)('Prometheus', () => {
  it('asks a host with the key of a consumer that may, and tells of a server that is gone', async () => {
    await using directory = await temporaryDirectory();
    const folder = directory.path;
    const [script, pidFile] = [join(folder, 'server.mjs'), join(folder, 'pid')];
    await writeFile(script, SERVER);
    const served = await servePlan([], {
      environment: { PATH: process.env['PATH'], MONITORING_KEY, CLIENT_KEY },
      config: configOf(folder, script, pidFile),
    });
    const address = await writePrometheus(folder, new URL(served.url).host);
    const child = startPrometheus(folder, address);
    try {
      const ask = (path: string) => askPrometheus(`http://${address}/api/v1/${path}`);
      const valueOf = async (query: string) => {
        const answer = await ask(`query?query=${encodeURIComponent(query)}`);
        return textAt(listAt(answer, 'data.result')[0], 'value.1');
      };
      // With what was wrong, should it not come up.
      const healthOf = async (job: string) => {
        const targets = listAt(await ask('targets?state=active'), 'data.activeTargets');
        const target = targets.find((one) => textAt(one, 'labels.job') === job);
        return `${textAt(target, 'health')} ${textAt(target, 'lastError')}`.trim();
      };
      await expect.poll(() => healthOf('hostler'), patience).toBe('up');
      await expect.poll(() => valueOf('hostler_server_up{server="small"}'), patience).toBe('1');
      // A consumer without the role is refused.
      await expect.poll(() => healthOf('stranger'), patience).toBe('down server returned HTTP status 403 Forbidden');
      const firing = async () => {
        const alerts = listAt(await ask('alerts'), 'data.alerts').filter((one) => textAt(one, 'state') === 'firing');
        return alerts.map((one) => `${textAt(one, 'labels.alertname')} ${textAt(one, 'labels.server')}`.trim());
      };
      expect(await firing()).not.toContain('HostlerServerDown small');
      await rm(script);
      process.kill(Number(await readFile(pidFile, 'utf8')));
      await expect.poll(firing, patience).toContain('HostlerServerDown small');
      // A server that is not `required` holds nothing back.
      await expect.poll(() => valueOf('hostler_ready'), patience).toBe('1');
    } finally {
      await stopProgram(child);
      await served.close();
    }
  });
});

const patience = { timeout: 30_000, interval: 100 };

function configOf(folder: string, script: string, pidFile: string): string {
  return stringify({
    servers: { small: { command: process.execPath, args: [script, pidFile], cwd: folder } },
    consumers: {
      monitoring: { keys: [{ secret: 'env://MONITORING_KEY' }], servers: [], roles: ['scraper'] },
      client: { keys: [{ secret: 'env://CLIENT_KEY' }] },
    },
    roles: { scraper: ['metrics:read', 'health:read'] },
  });
}

/** Ours, but for the address of the host, the places of the keys, and times that a test can wait for. */
async function writePrometheus(folder: string, host: string): Promise<string> {
  await mkdir(join(folder, 'data'));
  await writeFile(join(folder, 'monitoring-key'), MONITORING_KEY);
  await writeFile(join(folder, 'client-key'), CLIENT_KEY);
  const rules = await readFile(join(ours, 'rules.yml'), 'utf8');
  await writeFile(join(folder, 'rules.yml'), rules.replaceAll(/for: \w+/g, 'for: 0s'));
  const config = parse(await readFile(join(ours, 'prometheus.yml'), 'utf8')) as Record<string, unknown>;
  const job = (name: string, key: string) => ({
    ...(at(config, 'scrape_configs.0') as object),
    job_name: name,
    authorization: { credentials_file: join(folder, key) },
    static_configs: [{ targets: [host] }],
  });
  const fast = { scrape_interval: '1s', scrape_timeout: '1s', evaluation_interval: '500ms' };
  const changed = {
    ...config,
    global: fast,
    scrape_configs: [job('hostler', 'monitoring-key'), job('stranger', 'client-key')],
  };
  await writeFile(join(folder, 'prometheus.yml'), stringify(changed));
  return `127.0.0.1:${await freePort()}`;
}

function startPrometheus(folder: string, address: string): ChildProcess {
  const given = [
    `--config.file=${join(folder, 'prometheus.yml')}`,
    `--storage.tsdb.path=${join(folder, 'data')}`,
    `--web.listen-address=${address}`,
    '--log.level=error',
  ];
  return spawn(program ?? '', given, { stdio: ['ignore', 'ignore', 'inherit'] });
}

/** Nothing until it listens. */
async function askPrometheus(url: string): Promise<unknown> {
  try {
    const answer = await fetch(url, { signal: AbortSignal.timeout(5_000) });
    return await answer.json();
  } catch {
    return undefined;
  }
}
