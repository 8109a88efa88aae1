import { createKey } from '@hostler/auth';
import { describe, expect, it } from 'vitest';
import type { FakeServer } from '../test/support/fake-runtime.ts';
import { runInMemory } from '../test/support/run-in-memory.ts';

const servers: FakeServer[] = [
  { name: 'one', tools: [{ name: 'echo' }], answer: () => ({ content: [] }) },
  { name: 'two', down: 'It is broken.' },
];
const config = {
  servers: { one: { command: 'node' }, two: { command: 'node' } },
  consumers: { ci: { keys: [{ hash: createKey().hash }], servers: ['one'], bundles: ['small'] } },
  bundles: { small: { servers: ['one'] }, other: {} },
};
const files = { 'hostler.json': JSON.stringify(config) };

describe('--as', () => {
  it.each([
    ['tools', []],
    ['prompts', []],
    ['resources', []],
    ['call', ['one__echo']],
  ])('makes %s act as that consumer', async (command, names) => {
    const { runtimes } = await runInMemory([command, ...names, '--as', 'ci'], { files, servers });
    const consumers = runtimes.flatMap(({ exchanges }) => exchanges.map(({ consumer }) => consumer));
    expect(consumers.length).toBeGreaterThan(0);
    for (const consumer of consumers) expect(consumer).toEqual({ name: 'ci' });
  });

  it('is the host itself unless it is given, who may see everything', async () => {
    const { runtimes, stderr } = await runInMemory(['tools'], { files, servers });
    expect(runtimes[0]?.exchanges.map(({ consumer }) => consumer)).toEqual([{ name: 'hostler' }]);
    expect(stderr()).toContain('missing the tools of two: It is broken.');
  });

  it('says nothing of servers that the consumer does not see', async () => {
    const { stderr } = await runInMemory(['tools', '--as', 'ci'], { files, servers });
    expect(stderr()).toBe('');
    const asked = await runInMemory(['call', 'two__x', '--as', 'ci'], { files, servers });
    expect(asked.stderr()).toContain('There is no tool "two__x"');
    expect(asked.exitCode).toBe(5);
  });

  it('names the consumers that there are', async () => {
    const { exitCode, stderr } = await runInMemory(['tools', '--as', 'web'], { files, servers });
    expect(stderr()).toContain('No consumer is called "web". There are: ci.');
    expect(exitCode).toBe(2);
  });
});

describe('--bundle', () => {
  it.each([
    ['tools', []],
    ['prompts', []],
    ['resources', []],
    ['call', ['one__echo']],
  ])('makes %s go through that bundle', async (command, names) => {
    const { runtimes } = await runInMemory([command, ...names, '--bundle', 'small'], { files, servers });
    const scopes = runtimes.flatMap(({ exchanges }) => exchanges.map(({ scope }) => scope));
    expect(scopes.length).toBeGreaterThan(0);
    for (const scope of scopes) expect(scope).toEqual({ kind: 'all', bundle: 'small' });
  });

  it('says nothing of servers that are not in it', async () => {
    const { stderr } = await runInMemory(['tools', '--bundle', 'small'], { files, servers });
    expect(stderr()).toBe('');
  });

  it.each([
    [['--bundle', 'web'], 'No bundle is called "web". There are: small, other.'],
    [['--bundle', 'other', '--as', 'ci'], 'No bundle is called "other" for ci. There are: small.'],
    [['--bundle', 'small', '--server', 'one'], 'cannot be used with option'],
  ])('refuses %j', async (line, message) => {
    for (const command of ['tools', 'stdio']) {
      const { exitCode, stderr } = await runInMemory([command, ...line], { files, servers });
      expect([command, exitCode, stderr().includes(message)]).toEqual([command, 2, true]);
    }
  });
});
