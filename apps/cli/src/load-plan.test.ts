import { describe, expect, it } from 'vitest';
import { runInMemory } from '../test/support/run-in-memory.ts';

const config = `servers:
  a:
    command: node
    env:
      ONE: { secret: "gcp://team/token" }
      TWO: { secret: "nobody://reads/this" }
listen: { host: 0.0.0.0, port: 0 }
`;
const files = { 'hostler.yaml': config };

async function problemsOf(...line: string[]): Promise<readonly string[]> {
  const { exitCode, stdout, stderr, runtimes } = await runInMemory(line, { files });
  expect(exitCode).toBe(2);
  expect(runtimes).toEqual([]);
  return [...(stdout() + stderr()).matchAll(/hostler\.yaml:\d+:\d+ ([\w.]+)/g)].map(([, place = '']) => place);
}

describe('what keeps a configuration from being used', () => {
  const secrets = ['servers.a.env.ONE.secret', 'servers.a.env.TWO.secret'];

  it('is told by run as by validate: everything at once, before anything is started', async () => {
    const all = await problemsOf('validate');
    expect(all).toEqual([...secrets, 'listen.host']);
    expect(await problemsOf('run')).toEqual(all);
  });

  it.each([
    ['run', '--host', '127.0.0.1'],
    ['stdio'],
    ['tools'],
    ['call', 'a__echo'],
    ['prompts'],
    ['resources'],
    ['secrets', 'check'],
    ['doctor'],
  ])('is told by %s, as far as it matters there', async (...line) => {
    expect(await problemsOf(...line)).toEqual(secrets);
  });
});
