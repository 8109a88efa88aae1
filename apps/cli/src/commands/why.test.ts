import { createKey } from '@hostler/auth';
import { describe, expect, it } from 'vitest';
import { runInMemory } from '../../test/support/run-in-memory.ts';

const keys = () => [{ hash: createKey().hash }];
const servers = Object.fromEntries(['git', 'git-hub', 'files'].map((name) => [name, { command: 'node' }]));
const consumers = {
  ci: {
    keys: keys(),
    servers: ['git-hub', 'files'],
    allow: ['tool:git-hub/*', 'resource:files/file:///data/**'],
    deny: ['tool:*/delete_*'],
  },
  all: { keys: keys() },
  some: { keys: keys(), servers: ['git'], bundles: ['other'] },
};
const bundles = { review: { servers: ['git-hub', 'git'], deny: ['tool:*/push_*'] }, other: {} };
const files = { 'hostler.json': JSON.stringify({ servers, consumers, bundles }) };

describe('hostler why', () => {
  it.each([
    ['git-hub__create_issue', 'ci', 0, 'allowed: "tool:git-hub/*" in "allow" of ci fits'],
    ['tool:git-hub/create_issue', 'ci', 0, 'allowed: "tool:git-hub/*" in "allow" of ci fits'],
    ['git-hub__delete_issue', 'ci', 5, 'hidden: "tool:*/delete_*" in "deny" of ci fits'],
    ['prompt:git-hub/summarize', 'ci', 5, 'hidden: nothing in "allow" of ci fits'],
    ['git__log', 'ci', 5, 'hidden: "servers" of ci does not name git'],
    ['resource:files/file:///data/a/b', 'ci', 0, '"resource:files/file:///data/**" in "allow"'],
    ['resource:files/file:///etc/passwd', 'ci', 5, 'hidden: nothing in "allow" of ci fits'],
    ['git__log', 'all', 0, 'allowed: all has neither "servers" nor "allow"'],
    ['git__log', 'some', 0, 'allowed: "servers" of some names git, and there is no "allow"'],
  ])('%s as %s', async (name, consumer, code, text) => {
    const { exitCode, stdout } = await runInMemory(['why', name, '--as', consumer], { files });
    expect(stdout()).toContain(text);
    expect(exitCode).toBe(code);
  });

  it.each([
    ['git-hub__create_issue', ['ci', 'review'], 0, 'allowed: "servers" of the bundle review names git-hub'],
    ['git-hub__push_all', ['ci', 'review'], 5, 'hidden: "tool:*/push_*" in "deny" of the bundle review fits'],
    ['git-hub__delete_issue', ['ci', 'review'], 5, 'hidden: "tool:*/delete_*" in "deny" of ci fits'],
    [
      'resource:files/file:///data/a',
      ['ci', 'review'],
      5,
      'hidden: "servers" of the bundle review does not name files',
    ],
    ['git__log', ['some', 'review'], 5, 'hidden: "bundles" of some does not name this one'],
    ['git__log', ['some', 'other'], 0, 'allowed: the bundle other has neither "servers" nor "allow"'],
  ] as const)('%s as and through %j', async (name, [consumer, bundle], code, text) => {
    const { exitCode, stdout } = await runInMemory(['why', name, '--as', consumer, '--bundle', bundle], { files });
    expect(stdout()).toContain(text);
    expect(exitCode).toBe(code);
  });

  it('says it as JSON', async () => {
    const { stdout } = await runInMemory(['why', 'git-hub__a', '--as', 'ci', '--json'], { files });
    expect(JSON.parse(stdout())).toEqual({
      consumer: 'ci',
      kind: 'tool',
      server: 'git-hub',
      name: 'a',
      allowed: true,
      rule: 'allow',
      pattern: 'tool:git-hub/*',
    });
  });

  it.each([
    [['nope__x', '--as', 'ci'], 'There are: files, git, git-hub'],
    [['git__x', '--as', 'nope'], 'No consumer is called "nope". There are: ci, all, some.'],
    [['git__x', '--as', 'all', '--bundle', 'nope'], 'No bundle is called "nope". There are: review, other.'],
    [['git__x'], "required option '--as <consumer>'"],
  ])('refuses %j', async (line, message) => {
    const { exitCode, stderr } = await runInMemory(['why', ...line], { files });
    expect(stderr()).toContain(message);
    expect(exitCode).toBe(2);
  });
});
