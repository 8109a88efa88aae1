import type { OfferSpec } from '@hostler/kernel';
import { describe, expect, it } from 'vitest';
import type { DefinitionLists } from './definition.ts';
import { offerServer } from './offered-server.ts';
import type { OfferedServer } from './offered-server.ts';

const TOOL =
  '{"name":"push","x-unknown":[ 1.0 ],"annotations":{"readOnlyHint":false, "title":"T"},"inputSchema":{"type":"object",' +
  '"properties":{"repo":{"type":"string"},"force":{"type":"boolean"},"depth":{"maximum":9007199254740993}},' +
  '"required":["repo","force"],"additionalProperties":false}}';
const PROMPT =
  '{"name":"greet","arguments":[{"name":"who","required":true},{"name":"tone","description":"t","required":true}]}';

function lists(tool: readonly [string, string][], prompt: readonly [string, string][] = []): DefinitionLists {
  const toDefinitions = (entries: readonly [string, string][]) =>
    entries.map(([key, text]) => ({ key, bytes: Buffer.from(text) }));
  return { tool: toDefinitions(tool), prompt: toDefinitions(prompt), resource: [], template: [] };
}

function offered(offer: OfferSpec, naming: 'public' | 'own' = 'public'): OfferedServer {
  return offerServer({ server: 'git', lists: lists([['push', TOOL]], [['greet', PROMPT]]), offer, naming });
}

function only({ entries }: OfferedServer, kind: 'tool' | 'prompt') {
  const [entry] = entries[kind];
  return { publicKey: entry?.publicKey, text: Buffer.from(entry?.bytes ?? []).toString() };
}

describe('offerServer', () => {
  it('keeps every byte of what the configuration does not mention', () => {
    const own = offered({ exclude: ['prompt:*'], tools: { other: { title: 'x' } } }, 'own');
    expect(only(own, 'tool')).toEqual({ publicKey: 'push', text: TOOL });
    expect(own.entries.prompt).toEqual([]);
  });

  it('renames before it puts the name of the server in front', () => {
    const offer = { tools: { push: { name: 'publish' } }, prompts: { greet: { name: 'welcome' } } };
    expect(only(offered(offer), 'tool')).toEqual({
      publicKey: 'git__publish',
      text: TOOL.replace('"push"', '"git__publish"'),
    });
    expect(only(offered(offer, 'own'), 'prompt')).toEqual({
      publicKey: 'welcome',
      text: PROMPT.replace('"greet"', '"welcome"'),
    });
    expect(offered(offer).entries.tool[0]?.key).toBe('push');
  });

  it('replaces title and description, and merges annotations', () => {
    const tools = { push: { title: 'Push "it"', description: 'd', annotations: { readOnlyHint: true, other: [1] } } };
    const tool = JSON.parse(only(offered({ tools }), 'tool').text) as Record<string, unknown>;
    expect(tool).toMatchObject({
      title: 'Push "it"',
      description: 'd',
      annotations: { readOnlyHint: true, title: 'T', other: [1] },
    });
  });

  it('takes pinned and hidden arguments out of the schema and fills defaults in', () => {
    const args = { force: { pin: false }, repo: { default: 'main' }, depth: { hide: true } };
    const { text } = only(offered({ tools: { push: { arguments: args } } }, 'own'), 'tool');
    expect(text).toContain(
      '"inputSchema":{"type":"object","properties":{"repo":{"default":"main","type":"string"}},"additionalProperties":false}',
    );
    const partly = only(offered({ tools: { push: { arguments: { force: { pin: true } } } } }), 'tool').text;
    expect(partly).toContain('"required":["repo"]');
    expect(partly).toContain('{"maximum":9007199254740993}');
  });

  it('does the same to the arguments of a prompt', () => {
    const args = { who: { pin: 'me' }, tone: { default: 'dry' } };
    const { text } = only(offered({ prompts: { greet: { arguments: args } } }, 'own'), 'prompt');
    expect(text).toBe('{"name":"greet","arguments":[{"name":"tone","description":"t"}]}');
  });

  it('leaves schemas that are not what they should be as they are', () => {
    const odd = '{"name":"odd","inputSchema":true}';
    const offer = { tools: { odd: { arguments: { a: { pin: 1 } } } } };
    const own = offerServer({ server: 's', lists: lists([['odd', odd]]), offer, naming: 'own' });
    expect(only(own, 'tool').text).toBe(odd);
    expect(own.entries.tool[0]?.rules?.pinned).toEqual({ a: 1 });
  });

  it('marks the definitions of a server that is not up, beside what stands in _meta', () => {
    const texts = ['{"name":"a"}', '{"name":"b","_meta":{"k":1}}', '{"name":"c","_meta":null}'];
    const own = offerServer({
      server: 's',
      lists: lists(texts.map((text) => [JSON.parse(text).name as string, text])),
      naming: 'own',
      isStale: true,
    });
    expect(own.entries.tool.map(({ bytes }) => JSON.parse(Buffer.from(bytes).toString()) as unknown)).toEqual([
      { name: 'a', _meta: { 'hostler/stale': true } },
      { name: 'b', _meta: { k: 1, 'hostler/stale': true } },
      { name: 'c', _meta: { 'hostler/stale': true } },
    ]);
  });

  it('reports what the configuration says and the server does not have', () => {
    const { conflicts } = offered({
      include: ['tool:push', 'prompt:greet', 'gone', 'tool:gone_*'],
      exclude: ['push'],
      tools: {
        push: { arguments: { repo: { hide: true }, nothing: { pin: 1 }, force: { pin: true } } },
        lost: { title: 'x' },
      },
      prompts: { push: { title: 'x' } },
    });
    expect(conflicts.map(({ problem, kind, key }) => [problem, kind, key])).toEqual([
      ['pattern-unused', undefined, 'gone'],
      ['argument-missing', 'tool', 'push'],
      ['argument-unused', 'tool', 'push'],
      ['override-unused', 'tool', 'lost'],
      ['override-unused', 'prompt', 'push'],
    ]);
    for (const { message, mend } of conflicts) {
      expect(message).toMatch(/git.*\.$/s);
      expect(mend).toMatch(/^[A-Z].*\.$/s);
    }
  });

  it('does not offer what it cannot change as it should, and says so', () => {
    const twice = '{"name":"twice","inputSchema":{"properties":{"a":{},"a":{}}}}';
    const offer = { tools: { twice: { arguments: { a: { pin: 1 } } } } };
    const own = offerServer({
      server: 's',
      lists: lists([
        ['twice', twice],
        ['push', TOOL],
      ]),
      offer,
    });
    expect(own.entries.tool.map(({ key }) => key)).toEqual(['push']);
    expect(own.conflicts.map(({ problem, key }) => [problem, key])).toEqual([['definition-broken', 'twice']]);
    expect(offerServer({ server: 's', lists: lists([['twice', twice]]) }).entries.tool).toHaveLength(1);
  });

  it('shows names of servers cut and escaped', () => {
    const key = `\u001b[31m${'x'.repeat(500)}`;
    const own = offerServer({
      server: 's',
      lists: lists([
        [key, '{}'],
        [key, '{}'],
      ]),
    });
    expect(own.conflicts[0]?.message).toContain('"\\u001b[31mx');
    expect(own.conflicts[0]?.message.length).toBeLessThan(250);
  });
});
