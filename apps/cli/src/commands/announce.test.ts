import { PassThrough } from 'node:stream';
import { text } from 'node:stream/consumers';
import { createKey } from '@hostler/auth';
import { parseConfig } from '@hostler/config/text';
import { describe, expect, it } from 'vitest';
import type { CliContext } from '../context.ts';
import { createLastWords } from '../last-words.ts';
import { createMasking } from '../masking.ts';
import { createOutput } from '../output.ts';
import { announceReady } from './announce.ts';

const URL = 'http://127.0.0.1:8000';

async function announced(settings: object, json = false, url = URL): Promise<string> {
  const [stdin, stdout, stderr] = [new PassThrough(), new PassThrough(), new PassThrough()];
  const signals = { on() {}, off() {} };
  const context: CliContext = {
    arguments: [],
    environment: {},
    workingDirectory: '/',
    stdin,
    stdout,
    stderr,
    signals,
  };
  const options = { json, color: false };
  const { plan } = parseConfig(JSON.stringify({ servers: {}, ...settings }), '/hostler.json');
  const listening = { url, port: 8000, close: () => Promise.resolve() };
  const cli = { context, options, masking: createMasking(), output: createOutput(context, options) };
  announceReady(cli, { listening, servers: [], wantedPort: 8000, plan, lastWords: createLastWords() });
  stdout.end();
  return text(stdout);
}

function consumersNamed(...names: string[]): object {
  return { consumers: Object.fromEntries(names.map((name) => [name, { keys: [{ hash: createKey().hash }] }])) };
}

describe('what a host says once it is ready', () => {
  it('is that it is open, where nobody has to prove anything', async () => {
    const said = await announced({});
    expect(said).toContain('Open to all programs of this machine, to no other');
    expect(said).toContain(`Next: claude mcp add --transport http hostler ${URL}/mcp\n`);
  });

  it('is for whom it is, and how to show a key, where there are consumers', async () => {
    const said = await announced(consumersNamed('ci', 'web'));
    expect(said).not.toContain('Open to');
    expect(said).toContain('For 2 consumers, each with a key or token of its own: ci, web.');
    expect(said).toContain(`hostler ${URL}/mcp --header "Authorization: Bearer $HOSTLER_KEY"\n`);
  });

  it('names some of many', async () => {
    const names = Array.from({ length: 11 }, (_, index) => `c${index}`);
    expect(await announced(consumersNamed(...names))).toContain('c7 and 3 more.');
    expect(await announced(consumersNamed('ci'))).toContain('For one consumer, with a key or token of its own: ci.');
  });

  it('is that nobody gets in, where the consumers are none', async () => {
    const said = await announced({ consumers: {} });
    expect(said).toContain('Nobody gets in');
    expect(said).toContain('Next: hostler keys create NAME');
  });

  it('names an address that clients can ask for, where it listens on every one', async () => {
    const settings = { ...consumersNamed('ci'), listen: { allowedHosts: ['mcp.example.com'] } };
    const said = await announced(settings, false, 'https://0.0.0.0:8443');
    expect(said).toContain('All servers   https://mcp.example.com:8443/mcp\n');
    expect(said).not.toContain('0.0.0.0');
    expect(await announced(settings)).toContain(`All servers   ${URL}/mcp\n`);
  });

  it('names the consumers for programs', async () => {
    expect(JSON.parse(await announced(consumersNamed('ci'), true))).toMatchObject({ consumers: ['ci'] });
    expect(JSON.parse(await announced({}, true))).not.toHaveProperty('consumers');
  });
});
