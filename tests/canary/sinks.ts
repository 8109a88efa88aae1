import { randomUUID } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { callModern, descendants, exchange, openLegacySession } from '@hostler/test-kit';
import { vi } from 'vitest';
import { takeReport } from './canary-host.ts';
import type { CanaryHost } from './canary-host.ts';
import { NAMED, valueOf } from './world.ts';
import { encode, ENCODINGS } from './encodings.ts';

/** A place where something leaves the host: makes it say all it can be made to say there, and gives what it said. */
export interface Sink {
  readonly name: string;
  readonly capture: (host: CanaryHost) => Promise<string>;
  /** The guards without which secrets stand in it. None: see `careless` of the world. */
  readonly guards: readonly string[];
  /** How many of the canaries and encodings are seen in it then; where a sink shows little, one of each. */
  readonly shows?: 'everything';
  /** What the operator has written there. */
  readonly holds?: typeof NAMED;
}

/**
 * What does not exist in the product has no line here: traces, payloads of jobs, a database. Whoever adds
 * one adds its line.
 */
export const sinks: readonly Sink[] = [
  { name: 'files of the state directory', capture: captureState, guards: ['results', 'catalog'], shows: 'everything' },
  { name: 'log', capture: captureLog, guards: ['log'], shows: 'everything' },
  { name: 'MCP results', capture: captureResults, guards: ['results'], shows: 'everything' },
  { name: 'MCP lists and instructions', capture: captureLists, guards: ['results'], shows: 'everything' },
  { name: 'MCP over standard output', capture: captureStdio, guards: ['results'] },
  { name: 'errors of servers', capture: captureServerErrors, guards: ['results', 'errors'], shows: 'everything' },
  { name: 'errors of the host', capture: captureHostErrors, guards: ['errors'] },
  { name: 'notifications', capture: captureNotifications, guards: ['results'], shows: 'everything' },
  { name: 'questions to clients', capture: captureQuestions, guards: ['results'], shows: 'everything' },
  { name: 'arguments to other servers', capture: captureArguments, guards: ['arguments'] },
  { name: 'REST results', capture: captureRestResults, guards: ['results'], shows: 'everything' },
  { name: 'REST state', capture: captureRestState, guards: ['answers'] },
  { name: 'REST problems', capture: captureRestProblems, guards: ['answers'] },
  { name: 'readiness and health', capture: captureHealth, guards: ['answers'] },
  { name: 'metrics', capture: async ({ get }) => get('/metrics'), guards: ['answers'] },
  { name: 'standard output of commands', capture: captureCommandOutput, guards: ['command line', 'results'] },
  { name: 'standard error of commands', capture: captureCommandErrors, guards: ['command line', 'results', 'log'] },
  {
    name: 'standard output of the host',
    capture: async (host) => host.process.stdout.text(),
    guards: ['command line'],
  },
  { name: 'files of the audit record', capture: captureAudit, guards: ['audit'], shows: 'everything' },
  {
    name: 'audit record on standard output',
    capture: captureAuditOutput,
    guards: ['audit'],
    shows: 'everything',
  },
  { name: 'audit record as commands show it', capture: captureShownAudit, guards: ['audit'] },
  { name: 'command lines', capture: captureCommandLines, guards: [] },
  { name: 'diagnostic report', capture: takeReport, guards: ['report'] },
  { name: 'saved configuration', capture: captureSaved, guards: [], holds: NAMED },
];

/** A file that gets its name meanwhile is read under that one. */
export async function readTree(folder: string): Promise<string> {
  for (;;) {
    try {
      // oxlint-disable-next-line no-await-in-loop -- until nothing has gone since it was listed
      return await readFiles(folder);
    } catch (error) {
      if (!(error instanceof Error && 'code' in error && error.code === 'ENOENT')) throw error;
    }
  }
}

async function readFiles(folder: string): Promise<string> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => []);
  const files = entries.filter((entry) => entry.isFile());
  const texts = await Promise.all(files.map((file) => readFile(join(file.parentPath, file.name), 'utf8')));
  // The names as well.
  return entries.map(({ name }, index) => `${name}\n${texts[index] ?? ''}`).join('\n');
}

/** Written behind whoever asks. */
async function captureState({ world, url, post }: CanaryHost): Promise<string> {
  // So that nothing is known of their lists.
  await Promise.all(['teller', 'remote'].map((server) => post(`/v1/servers/${server}/restart`, {})));
  await callModern(`${url}/mcp`, 'tools/list', {}, { timeout: 30_000 });
  return vi.waitUntil(
    async () => {
      const text = await readTree(world.state);
      return text.includes('teller.json') && text.includes('remote.json') && text;
    },
    { timeout: 30_000, interval: 50 },
  );
}

const session = (host: CanaryHost, server: string) =>
  openLegacySession(`${host.url}/servers/${server}/mcp`, { capabilities: { elicitation: {} }, timeout: 30_000 });

async function captureLog(host: CanaryHost): Promise<string> {
  const { process } = host;
  const teller = await session(host, 'teller');
  for (const name of ['garbage', 'crash']) await teller.call('tools/call', { name });
  await teller.end();
  const again = await session(host, 'teller');
  // Line by line the log is behind its answers: the marker is the last that this capture makes it write.
  await again.call('tools/call', { name: 'print' });
  await again.call('tools/call', { name: 'mark' });
  await process.stderr.take((line) => line.includes('end of what is printed'), 20_000);
  await again.end();
  return process.stderr.text();
}

async function captureResults(host: CanaryHost): Promise<string> {
  const texts: string[] = [];
  for (const server of ['teller', 'remote']) {
    const client = await session(host, server);
    for (const name of ['say', 'fail', 'chunks', 'huge']) {
      texts.push((await client.call('tools/call', { name })).text);
    }
    texts.push((await client.call('resources/read', { uri: 'leak://all' })).text);
    texts.push((await client.call('prompts/get', { name: 'all' })).text);
    await client.end();
    const modern = await callModern(`${host.url}/mcp`, 'tools/call', { name: `${server}__say` }, { timeout: 30_000 });
    texts.push(modern.text);
  }
  return texts.join('\n');
}

async function captureLists(host: CanaryHost): Promise<string> {
  const texts: string[] = [];
  for (const path of ['/servers/teller/mcp', '/servers/remote/mcp', '/mcp']) {
    const client = await openLegacySession(`${host.url}${path}`, { timeout: 30_000 });
    texts.push(JSON.stringify(client.initializeResult));
    for (const list of ['tools', 'resources', 'resources/templates', 'prompts'])
      texts.push((await client.call(`${list}/list`)).text);
    await client.end();
    texts.push((await callModern(`${host.url}${path}`, 'tools/list', {}, { timeout: 30_000 })).text);
  }
  return texts.join('\n');
}

/** Of one server, as of commands. */
async function captureStdio(host: CanaryHost): Promise<string> {
  // Another server may be there before this host has read what teller is given: nobody could know it for a secret by then.
  await host.world.leak([]);
  await using client = await host.stdio();
  await client.initialize();
  await client.call('tools/call', { name: 'teller__say' }, 30_000);
  return await withTeller(host, async () => {
    for (const name of ['say', 'chunks', 'error']) {
      await client.call('tools/call', { name: `teller__${name}` }, 30_000);
    }
    return client.process.stdout.text();
  });
}

async function captureServerErrors(host: CanaryHost): Promise<string> {
  const texts: string[] = [];
  for (const server of ['teller', 'remote']) {
    const client = await session(host, server);
    texts.push((await client.call('tools/call', { name: 'error' })).text);
    await client.end();
    texts.push((await callModern(`${host.url}/servers/${server}/mcp`, 'tools/call', { name: 'error' })).text);
  }
  return texts.join('\n');
}

/** What the host itself has to say about servers that do not work, and about what it was asked. */
async function captureHostErrors(host: CanaryHost): Promise<string> {
  const texts: string[] = [];
  for (const server of ['denied', 'tls', 'crashing', 'missing', 'forbidden', 'nowhere', 'blocked']) {
    const answer = await callModern(`${host.url}/servers/${server}/mcp`, 'tools/list', {}, { timeout: 30_000 });
    texts.push(answer.text, JSON.stringify(answer.headers));
  }
  const names = host.world.canaries.flatMap(({ value }) =>
    ['raw', 'hex', 'base64'].map((how) => encode(value, how as 'raw')),
  );
  for (const name of names.filter((one) => /^[\w-]{1,100}$/.test(one)).slice(0, 12)) {
    texts.push((await callModern(`${host.url}/mcp`, 'tools/call', { name: `teller__${name}` })).text);
    texts.push((await callModern(`${host.url}/mcp`, name)).text);
    texts.push((await callModern(`${host.url}/mcp`, 'resources/read', { uri: `leak://${name}` })).text);
  }
  return texts.join('\n');
}

async function captureNotifications(host: CanaryHost): Promise<string> {
  const texts: string[] = [];
  for (const server of ['teller', 'remote']) {
    const client = await session(host, server);
    await client.call('logging/setLevel', { level: 'debug' });
    texts.push((await client.call('tools/call', { name: 'talk', _meta: { progressToken: server } })).text);
    await client.end();
  }
  return texts.join('\n');
}

async function captureQuestions(host: CanaryHost): Promise<string> {
  const client = await session(host, 'teller');
  const asked = await client.open('tools/call', { name: 'ask' });
  const question = await asked.nextMessage(({ method }) => method === 'elicitation/create');
  await client.send({ jsonrpc: '2.0', id: question.id ?? null, result: { action: 'decline' } });
  const { text } = await asked.finish();
  await client.end();
  return text;
}

/** What arrives at servers that do not own what clients send them. */
async function captureArguments(host: CanaryHost): Promise<string> {
  const { world } = host;
  for (const server of ['keeper', 'remote']) {
    const client = await session(host, server);
    for (const { value } of world.canaries.filter(({ owner }) => owner !== server)) {
      const calls = ENCODINGS.filter((encoding) => encoding !== 'chunks').map((encoding) =>
        client.call('tools/call', { name: 'take', arguments: { note: `--${encode(value, encoding)}--` } }),
      );
      await Promise.all(calls);
    }
    await client.end();
  }
  return withoutOwn(host);
}

/** The headers of `remote` are its own. */
async function withoutOwn({ world }: CanaryHost): Promise<string> {
  let text = `${await world.received('keeper')}${await world.received('remote')}`;
  for (const { value } of world.canaries.filter(({ delivery }) => delivery === 'header'))
    text = text.replaceAll(value, '');
  return text;
}

async function captureRestResults({ post, get }: CanaryHost): Promise<string> {
  const texts = [await get('/v1/resources/read?uri=leak%3A%2F%2Fall')];
  for (const server of ['teller', 'remote']) {
    for (const tool of ['say', 'fail', 'error']) texts.push(await post(`/v1/tools/${server}__${tool}/call`, {}));
    texts.push(await post(`/v1/prompts/${server}__all/get`, {}));
    texts.push(await get(`/v1/tools/${server}__leak-7`));
  }
  for (const list of ['tools', 'prompts', 'resources']) texts.push(await get(`/v1/${list}`));
  return texts.join('\n');
}

async function captureRestState({ get, post, world }: CanaryHost): Promise<string> {
  const servers = Object.keys((world.config as { readonly servers: object }).servers);
  const paths = ['info', 'schema', 'openapi.json', 'servers', 'secrets', ...servers.map((name) => `servers/${name}`)];
  const texts = [await post('/v1/secrets/rotate', {})];
  for (const path of paths) texts.push(await get(`/v1/${path}`));
  return texts.join('\n');
}

async function captureRestProblems({ get, post, url, world }: CanaryHost): Promise<string> {
  const texts: string[] = [];
  for (const { value } of world.canaries.filter(({ value }) => value.length < 120)) {
    const name = encodeURIComponent(value);
    texts.push(await get(`/v1/servers/${name}`), await get(`/v1/tools/${name}`), await get(`/${name}`));
  }
  const value = valueOf(world.canaries, NAMED);
  texts.push(await post('/v1/secrets/rotate', { references: [`env://${value}`] }));
  texts.push(await post('/v1/secrets/rotate', { [value]: value }));
  texts.push(await post('/v1/servers', { name: value, command: value, env: { TOKEN: value } }));
  texts.push(await post(`/v1/tools/teller__say/call`, { [value]: value }));
  texts.push((await exchange(`${url}/v1/servers`, { method: 'POST', body: `{"name": ${value}` })).text);
  texts.push((await exchange(`${url}/v1/info?${value}=${value}`)).text);
  return texts.join('\n');
}

async function captureHealth({ get }: CanaryHost): Promise<string> {
  return (await Promise.all(['/readyz', '/healthz', '/health', '/livez'].map(get))).join('\n');
}

/** A command that needs one server reads what that one needs: more it cannot know of, and more must not be said to it. */
async function withTeller<Result>({ world }: CanaryHost, work: () => Promise<Result>): Promise<Result> {
  await world.leak(world.canaries.filter(({ owner }) => owner === 'teller'));
  const result = await work();
  await world.leak(world.canaries);
  return result;
}

async function captureCommandOutput(host: CanaryHost): Promise<string> {
  const called = await withTeller(host, () => host.command(['call', 'say', '--server', 'teller']));
  const lines = [
    ['tools', '--json'],
    ['servers', '--url', host.url, '--json'],
    ['secrets', 'check', '--json'],
    ['secrets', 'list'],
    ['secrets', 'get', 'C04'],
  ];
  const printed = await Promise.all(lines.map((line) => host.command(line)));
  return [called, ...printed].map(({ stdout }) => stdout).join('\n');
}

async function captureCommandErrors(host: CanaryHost): Promise<string> {
  const called = await withTeller(host, () =>
    host.command(['call', 'crash', '--server', 'teller', '--log-level', 'debug']),
  );
  const printed = await Promise.all([
    host.command(['doctor']),
    // A vault that does not open: every reference of it fails.
    host.command(['secrets', 'check'], { HOSTLER_ENCRYPTION_KEY: `hex:${'0123456789abcdef'.repeat(4)}` }),
  ]);
  return [called, ...printed].map(({ stdout, stderr }) => `${stdout}\n${stderr}`).join('\n');
}

/** Calls, refusals and changes about secrets, in all that a caller can choose. */
async function captureAudit(host: CanaryHost): Promise<string> {
  const mark = await makeRecords(host);
  return untilMarked(mark, () => readTree(join(host.world.folder, 'audit')));
}

/** It is no less behind than the file, and not at the same place. */
async function captureAuditOutput(host: CanaryHost): Promise<string> {
  const mark = await makeRecords(host);
  return untilMarked(mark, async () => host.process.stdout.text());
}

async function untilMarked(mark: string, read: () => Promise<string>): Promise<string> {
  return vi.waitUntil(
    async () => {
      const text = await read();
      return text.includes(mark) && text;
    },
    { timeout: 30_000, interval: 50 },
  );
}

/** @returns what stands in the last of them */
async function makeRecords({ world, url, get, post }: CanaryHost): Promise<string> {
  const mark = randomUUID();
  // Of a modern client names stand in headers, too, where not each of them can.
  const client = await openLegacySession(`${url}/mcp`, { timeout: 30_000 });
  const call = (name: string, given: object): Promise<unknown> => client.call('tools/call', { name, arguments: given });
  for (const { value } of world.canaries) {
    const told = ENCODINGS.map((encoding) => [encoding, encode(value, encoding)]);
    await call('keeper__take', Object.fromEntries(told));
    await call(`teller__${value}`, { [value]: value });
    await client.call('resources/read', { uri: `leak://${encodeURIComponent(value)}` });
    if (value.length > 100) continue;
    await get(`/v1/tools/${encodeURIComponent(value)}`);
    await post(`/v1/servers/${encodeURIComponent(value)}/restart`, {});
  }
  await call('keeper__take', { mark });
  await client.end();
  return mark;
}

async function captureShownAudit(host: CanaryHost): Promise<string> {
  await captureAudit(host);
  const lines = [
    ['tail', '--lines', '500'],
    ['search', '--limit', '500', '--json'],
    ['export', '--format', 'csv'],
    ['verify'],
  ];
  const printed = await Promise.all(lines.map((line) => host.command(['audit', ...line])));
  return printed.map(({ stdout, stderr }) => `${stdout}\n${stderr}`).join('\n');
}

/** Of the host and of everything below it. */
async function captureCommandLines({ process: { pid } }: CanaryHost): Promise<string> {
  const all = [pid, ...descendants(pid)].map((each) => readFile(`/proc/${each}/cmdline`, 'utf8').catch(() => ''));
  return (await Promise.all(all)).join('\n').replaceAll('\0', ' ');
}

async function captureSaved({ post, world }: CanaryHost): Promise<string> {
  const env = { ADDED: { secret: 'env://CANARY_C08' } };
  const added = await post('/v1/servers', { name: 'added', command: process.execPath, args: ['-v'], env });
  const saved = await post('/v1/servers/save', {});
  const files = ['hostler.json', 'hostler.json.bak'].map((name) => readFile(join(world.folder, name), 'utf8'));
  return [added, saved, ...(await Promise.all(files))].join('\n');
}

/** Which canaries stand in the environment of a process, by the server that it is. */
export async function environments({ process: { pid } }: CanaryHost): Promise<ReadonlyMap<string, string>> {
  const found = new Map<string, string>();
  for (const child of descendants(pid)) {
    const text = await readFile(`/proc/${child}/environ`, 'utf8').catch(() => '');
    const [, server = 'other'] = /RECORD=[^\0]*\/received\/([^\0]*)/.exec(text) ?? [];
    found.set(server, `${found.get(server) ?? ''}${text}`);
  }
  return found;
}

/** Files in which secrets were given to children, by this host. */
export async function deliveredFiles({ process: { pid }, world }: CanaryHost): Promise<string> {
  const places = ['/dev/shm', join(world.folder, 'tmp')];
  const found: string[] = [];
  for (const place of places) {
    const names = (await readdir(place).catch(() => [])).filter((name) => name.startsWith(`hostler-${pid}-`));
    for (const name of names) found.push(await readTree(join(place, name)));
  }
  return found.join('\n');
}
