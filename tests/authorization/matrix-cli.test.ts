import { initializedNotification, initializeRequest } from '@hostler/test-kit';
import type { WireMessage } from '@hostler/test-kit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openCommandLine } from './command-line.ts';
import type { CommandLine, Finished, Talk } from './command-line.ts';
import { consumerNames, isOpenTo, matrixSettings, PLACES } from './consumers.ts';
import type { Place } from './consumers.ts';
import { startGuarded } from './guarded-host.ts';
import type { GuardedHost } from './guarded-host.ts';
import { wrongOf } from './matrix.ts';
import type { Way } from './matrix.ts';
import { LISTS } from './things.ts';
import type { Kind } from './things.ts';

let host: GuardedHost;
let line: CommandLine;
beforeAll(async () => {
  host = await startGuarded(matrixSettings);
  line = await openCommandLine(host.config);
});
afterAll(async () => {
  await line?.[Symbol.asyncDispose]();
  await host?.[Symbol.asyncDispose]();
});

function flagsOf(consumer: string, { server, bundle }: Place): readonly string[] {
  return ['--as', consumer, ...(server ? ['--server', server] : []), ...(bundle ? ['--bundle', bundle] : [])];
}

const COMMANDS: Readonly<Record<Kind, readonly [command: string, member: string]>> = {
  tool: ['tools', 'tools'],
  prompt: ['prompts', 'prompts'],
  resource: ['resources', 'resources'],
  template: ['resources', 'templates'],
};

/** What else is alike is told of what is seen alone; it is not of what was asked for. */
const told = ({ exitCode, stdout, stderr }: Finished): string =>
  `${exitCode} ${stdout} ${stderr}`.replace(/ Did you mean [^?]*\?/, '');

function commandWay(consumer: string, place: Place): Way {
  const flags = flagsOf(consumer, place);
  const answer = (finished: Finished) => ({ isDone: finished.exitCode === 0, text: told(finished) });
  return {
    name: `hostler ${flags.join(' ')}`,
    consumer,
    place,
    era: 'modern',
    async list(kind) {
      const [command, member] = COMMANDS[kind];
      const { exitCode, stdout } = await line.run(command, '--json', ...flags);
      if (exitCode !== 0) return [];
      const listed = (JSON.parse(stdout) as Record<string, Record<string, string>[]>)[member] ?? [];
      return listed.map((each) => each[LISTS[kind].key] ?? '');
    },
    async attempt({ method }, name) {
      if (method === 'prompts/get') return answer(await line.run('prompts', ...flags, 'get', name));
      if (method === 'resources/read') return answer(await line.run('resources', ...flags, 'read', name));
      if (method !== 'tools/call') return undefined;
      const [shown, called] = [await line.run('tools', name, ...flags), await line.run('call', name, ...flags)];
      // Both or neither.
      return { isDone: shown.exitCode === 0 && called.exitCode === 0, text: told(shown) + told(called) };
    },
  };
}

/** `hostler stdio`: what a client on standard input gets. */
async function talkingWay(talk: Talk, consumer: string, place: Place): Promise<Way> {
  let lastId = 0;
  const ask = async (message: WireMessage): Promise<string> => {
    const id = `id-${++lastId}`;
    talk.send({ jsonrpc: '2.0', id, ...message });
    return await talk.take(`"id":"${id}"`);
  };
  await ask({ ...initializeRequest(0), id: 'id-1' });
  talk.send(initializedNotification);
  return {
    name: `hostler stdio ${flagsOf(consumer, place).join(' ')}`,
    consumer,
    place,
    era: 'legacy',
    async list(kind) {
      const { method, member, key } = LISTS[kind];
      const { result } = JSON.parse(await ask({ method, params: {} })) as WireMessage;
      return ((result?.[member] ?? []) as Record<string, string>[]).map((each) => each[key] ?? '');
    },
    async attempt({ method, params }, name) {
      const text = await ask({ method, params: params(name) });
      return { isDone: (JSON.parse(text) as WireMessage).result !== undefined, text };
    },
  };
}

describe.each(consumerNames)('A-18 A-21 on the command line, the consumer %s', (consumer) => {
  // A bundle that is not there for it is a mistake in the command line, as one that nobody has.
  const places = PLACES.filter((place) => place.bundle === undefined || isOpenTo(consumer, place)).slice(0, 4);

  it('is shown by --as what it may use, and nothing else is there', async () => {
    expect(
      await wrongOf(
        places.map((place) => commandWay(consumer, place)),
        host.uses,
      ),
    ).toEqual([]);
  });

  it('is shown on standard input what it may use, and nothing else is there', async () => {
    await using stack = new AsyncDisposableStack();
    const ways = places.map((place) => {
      const talk = stack.use(line.talk('stdio', ...flagsOf(consumer, place)));
      return talkingWay(talk, consumer, place);
    });
    expect(await wrongOf(await Promise.all(ways), host.uses)).toEqual([]);
  });
});

it('A-19 a bundle that a consumer may not use is none on the command line', async () => {
  const refused = async (bundle: string): Promise<string> =>
    told(await line.run('tools', '--as', 'one-bundle', '--bundle', bundle)).replaceAll(bundle, '…');
  expect(await refused('rest')).toBe(await refused('gone'));
  expect(await refused('rest')).toMatch(/^2 /);
});
