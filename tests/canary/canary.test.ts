import { randomUUID } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { callModern, descendants } from '@hostler/test-kit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startHost } from './canary-host.ts';
import type { CanaryHost } from './canary-host.ts';
import { COUNT, KINDS, PLACES, rotated } from './canaries.ts';
import type { Canary } from './canaries.ts';
import { ENCODINGS } from './encodings.ts';
import { scan } from './scan.ts';
import type { Hit } from './scan.ts';
import { deliveredFiles, environments, sinks } from './sinks.ts';
import { createWorld, NAMED } from './world.ts';
import type { Delivered, World } from './world.ts';

/** Say it again to see the same secrets again. */
const seed = process.env['CANARY_SEED'] ?? randomUUID();
process.stdout.write(`canaries: CANARY_SEED=${seed}\n`);

/** Few enough to read, and without the secrets. */
function show(hits: readonly Hit[], canaries: readonly Delivered[]): readonly string[] {
  return hits.slice(0, 10).map(({ canary, encoding, around }) => {
    const about = canaries.find(({ name }) => name === canary);
    return `${canary} (${about?.kind}, ${about?.place}, ${about?.delivery}) as ${encoding}: ${around}`;
  });
}

const different = (values: readonly string[]): number => new Set(values).size;

async function callTool({ url }: CanaryHost, name: string, given: object): Promise<string> {
  return (await callModern(`${url}/mcp`, 'tools/call', { name, arguments: given })).text;
}

it('has canaries of every kind in every place, and each is for somebody else', async () => {
  await using world = await createWorld(seed, false);
  const { canaries } = world;
  expect(canaries).toHaveLength(COUNT);
  expect(different(canaries.map(({ value }) => value))).toBe(COUNT);
  expect(different(canaries.map(({ kind }) => kind))).toBe(KINDS.length);
  expect(different(canaries.map(({ place }) => place))).toBe(PLACES.length);
  expect([...new Set(canaries.map(({ delivery }) => delivery))].toSorted()).toEqual(
    ['env', 'fd', 'file', 'header', 'option', 'tls'].toSorted(),
  );
});

describe('a host of which everything is asked', () => {
  let world: World;
  let host: CanaryHost;
  let former: Canary | undefined;
  let pid = 0;

  beforeAll(async () => {
    world = await createWorld(seed, false);
    host = await startHost(world);
    ({ pid } = host.process);
  });
  afterAll(async () => {
    await host?.[Symbol.asyncDispose]();
    await world?.[Symbol.asyncDispose]();
  });

  it.each(sinks)('shows no secret in: $name', async ({ capture, holds }) => {
    const text = await capture(host);
    expect(text.length).toBeGreaterThan(20);
    const hits = scan(
      text,
      [...world.canaries, world.unread].filter(({ name }) => name !== holds),
    );
    expect(show(hits, world.canaries)).toEqual([]);
  });

  it('gives a child what it owns, and nothing of others', async () => {
    const all = await environments(host);
    expect([...all.keys()]).toEqual(expect.arrayContaining(['teller', 'keeper']));
    for (const [server, text] of all) {
      const owned = world.canaries.filter(({ delivery, owner }) => delivery === 'env' && owner === server);
      const isOwned = (name: string): boolean => owned.some((canary) => canary.name === name);
      const crossing = scan(text, world.canaries).filter(({ canary }) => !isOwned(canary));
      expect({ [server]: show(crossing, world.canaries) }).toEqual({ [server]: [] });
      for (const { value } of owned) expect(text).toContain(value);
    }
  });

  it('lets the owner of a secret be sent it, and sends headers to whom they are for', async () => {
    for (const { name, value, owner } of world.canaries) {
      if (owner !== 'teller' && owner !== 'keeper') continue;
      await callTool(host, `${owner}__take`, { [`own ${name}`]: value });
      expect(await world.received(owner)).toContain(JSON.stringify({ [`own ${name}`]: value }));
    }
    const sent = await world.received('remote');
    for (const { value } of world.canaries.filter(({ delivery }) => delivery === 'header'))
      expect(sent).toContain(value);
  });

  it('masks a secret that was rotated, the old one and the new one', async () => {
    const old = world.canaries.find(({ place, owner }) => place === 'gcp' && owner === 'teller') as Delivered;
    former = old;
    const fresh = rotated(old, seed);
    world.google.set(old.name, fresh.value);
    const report = await host.post('/v1/secrets/rotate', { references: [old.reference] });
    expect(report).toContain(`"changed":["${old.reference}"]`);
    await world.leak([old, fresh]);
    const said = [
      report,
      await callTool(host, 'teller__say', {}),
      await callTool(host, 'remote__say', {}),
      await callTool(host, 'keeper__take', { old: old.value }),
      await callTool(host, 'keeper__take', { fresh: fresh.value }),
    ].join('\n');
    expect(said).toContain('[secret]');
    expect(show(scan(said, [old, fresh]), world.canaries)).toEqual([]);
    expect(scan(await world.received('keeper'), [old, fresh])).toEqual([]);
    expect(scan(host.process.stderr.text(), [old, fresh])).toEqual([]);
  });

  it('refuses a file with secrets in the wrong places without quoting it', async () => {
    const good = await readFile(world.configFile, 'utf8');
    const wrong = (keyOf: (canary: Canary) => string): string => {
      const servers = world.canaries.map((canary): [string, object] => {
        const { name, value } = canary;
        const settings = { command: [value], args: value, env: { A: { secret: value }, [keyOf(canary)]: 1 } };
        return [name, { ...settings, url: value, headers: value, [keyOf(canary)]: value }];
      });
      return JSON.stringify({ servers: Object.fromEntries(servers) });
    };
    await writeFile(
      world.configFile,
      wrong(({ value }) => value),
    );
    process.kill(pid, 'SIGHUP');
    await host.process.stderr.take((line) => line.includes('CONFIG_INVALID'), 20_000);
    const texts = [await host.get('/readyz'), host.process.stderr.text()];
    // This command reads no secret, so it knows none; of a file it only names the keys.
    await writeFile(
      world.configFile,
      wrong(({ name }) => name),
    );
    texts.push(...(Object.values(await host.command(['validate'])) as string[]));
    await writeFile(world.configFile, good);
    expect(texts.join('\n')).toContain('CONFIG_INVALID');
    expect(show(scan(texts.join('\n'), world.canaries), world.canaries)).toEqual([]);
  });

  it('says why a provider cannot be had without what it was given', async () => {
    const good = await readFile(world.configFile, 'utf8');
    const config = JSON.parse(good) as { readonly secrets: { readonly providers: { with: { refuses?: boolean } }[] } };
    const own = config.secrets.providers.at(-1);
    if (own !== undefined) own.with.refuses = true;
    await writeFile(world.configFile, JSON.stringify(config));
    const lines = [
      ['run', '--port', '0'],
      ['secrets', 'check', '--json'],
    ];
    const printed = await Promise.all(lines.map((line) => host.command(line)));
    await writeFile(world.configFile, good);
    for (const { stdout, stderr } of printed) {
      expect(`${stdout}${stderr}`).toContain('cannot log in with');
      // A command that gets no further has read what the provider needed, and nothing else.
      const read = world.canaries.filter(({ name }) => name !== NAMED);
      expect(show(scan(`${stdout}\n${stderr}`, read), world.canaries)).toEqual([]);
    }
  });

  it('leaves no file behind, and has said nothing on its way', async () => {
    expect(scan(await deliveredFiles(host), world.canaries).length).toBeGreaterThan(10);
    const children = descendants(pid);
    await host[Symbol.asyncDispose]();
    expect(await deliveredFiles(host)).toBe('');
    expect(children.length).toBeGreaterThan(1);
    const all = [...world.canaries, world.unread, ...(former === undefined ? [] : [former])];
    const said = `${host.process.stdout.text()}\n${host.process.stderr.text()}`;
    // What a test keeps of the log has a bound: beyond it a leak would be missed.
    expect(said.length).toBeLessThan(4_000_000);
    expect(show(scan(said, all), world.canaries)).toEqual([]);
    for (const sink of sinks.filter(({ name }) => name.startsWith('files'))) {
      expect(scan(await sink.capture(host).catch(() => ''), all)).toEqual([]);
    }
  });
});

describe('the same host without the guard of the sink', () => {
  let world: World;
  let host: CanaryHost;

  beforeAll(async () => {
    world = await createWorld(seed, true);
    // These two do their work once, at the start.
    host = await startHost(world, ['report', 'command line']);
  });
  afterAll(async () => {
    await host?.[Symbol.asyncDispose]();
    await world?.[Symbol.asyncDispose]();
  });

  it.each(sinks)('shows secrets in: $name', async ({ capture, guards, shows, holds }) => {
    await host.leaveOut(guards);
    const hits = scan(await capture(host), world.canaries).filter(({ canary }) => canary !== holds);
    expect(hits.length).toBeGreaterThan(0);
    if (shows === undefined) return;
    expect(different(hits.map(({ canary }) => canary))).toBe(COUNT);
    // Those in chunks are plain where they arrive.
    expect(different(hits.map(({ encoding }) => encoding))).toBe(ENCODINGS.length - 1);
  });
});
