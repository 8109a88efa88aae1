import type { JsonObject } from '@hostler/kernel';
import { initializedNotification, initializeRequest } from '@hostler/test-kit';
import type { WireMessage } from '@hostler/test-kit';
import { outcomeOf } from './attempts.ts';
import type { Outcome } from './attempts.ts';
import type { CommandLine, Talk } from './command-line.ts';
import { pathOf } from './consumers.ts';
import type { Place } from './consumers.ts';
import { ENTRIES } from './entries.ts';
import type { Headers } from './guarded-host.ts';

/** A way in of one consumer at one place, to tools alone. */
export interface ToolDoor {
  readonly name: string;
  /** Whether it is that of one server, which is asked for whatever a consumer names who sees all of it. */
  readonly isBare: boolean;
  /** Whether a name is looked for in the list, and the host is not asked for one that does not stand there. */
  readonly looksFirst?: boolean;
  /** The tools as they are shown there, with the names that they have there. */
  list(): Promise<readonly ShownTool[]>;
  /** Calls a tool of a server by the name that the server has given it. */
  call(tool: string, given?: JsonObject): Promise<Outcome>;
}

export interface ShownTool {
  readonly name: string;
  readonly description?: string;
}

/** Who comes in, and to which of the servers. */
export interface Visit {
  readonly consumer: string;
  readonly headers: Headers;
  readonly server: string;
  readonly bundle: string;
}

const placesOf = ({ server, bundle }: Visit): readonly Place[] => [{}, { server }, { bundle }];
const toolsIn = (result: unknown): readonly ShownTool[] => (result as { tools?: ShownTool[] } | undefined)?.tools ?? [];

/** Every transport in every revision at each place; what is open ends with the stack. */
export async function mcpToolDoors(
  url: string,
  visit: Visit,
  stack: AsyncDisposableStack,
): Promise<readonly ToolDoor[]> {
  const pairs = Object.entries(ENTRIES).flatMap(([name, entry]) =>
    placesOf(visit).map((place) => [name, entry, place] as const),
  );
  return await Promise.all(
    pairs.map(async ([name, entry, place]): Promise<ToolDoor> => {
      const client = stack.use(await entry.open(url, place, visit.headers));
      return {
        name: `${visit.consumer} over ${name} at ${pathOf(place)}/`,
        isBare: place.server !== undefined,
        list: async () => toolsIn((await client.ask('tools/list', {})).message?.result),
        async call(tool, given = {}) {
          const called = nameAt(place, visit, tool);
          const { message, status, text } = await client.ask('tools/call', { name: called, arguments: given });
          return outcomeOf(message?.result !== undefined, `${status} ${text}`, called);
        },
      };
    }),
  );
}

/** REST, for everything and for a bundle. */
export function restToolDoors(url: string, visit: Visit): readonly ToolDoor[] {
  const ask = (path: string, body?: string): Promise<Response> =>
    fetch(`${url}/v1/${path}`, {
      headers: { ...visit.headers, 'content-type': 'application/json' },
      ...(body !== undefined && { method: 'POST', body }),
    });
  return ['', `?bundle=${visit.bundle}`].map((query) => ({
    name: `${visit.consumer} over REST ${query}`,
    isBare: false,
    list: async () => toolsIn(await (await ask(`tools${query}`)).json()),
    async call(tool, given = {}) {
      const called = nameAt({}, visit, tool);
      const response = await ask(
        `tools/${encodeURIComponent(called)}/call${query}`,
        JSON.stringify({ arguments: given }),
      );
      const text = (await response.text()).replaceAll(encodeURIComponent(called), called);
      return outcomeOf(response.status === 200, `${response.status} ${text}`, called);
    },
  }));
}

/** The commands, and `hostler stdio`. */
export async function commandToolDoors(
  line: CommandLine,
  visit: Visit,
  stack: AsyncDisposableStack,
): Promise<readonly ToolDoor[]> {
  const all = placesOf(visit).map(async (place): Promise<readonly ToolDoor[]> => {
    const { server, bundle } = place;
    const flags = [...(server ? ['--server', server] : []), ...(bundle ? ['--bundle', bundle] : [])];
    const as = ['--as', visit.consumer, ...flags];
    const talk = stack.use(line.talk('stdio', ...as));
    return [commandDoor(line, visit, place, as), await talkingDoor(talk, visit, place)];
  });
  return (await Promise.all(all)).flat();
}

function commandDoor(line: CommandLine, visit: Visit, place: Place, flags: readonly string[]): ToolDoor {
  return {
    name: `hostler tools ${flags.join(' ')}`,
    looksFirst: true,
    isBare: place.server !== undefined,
    list: async () => toolsIn(JSON.parse((await line.run('tools', '--json', ...flags)).stdout)),
    async call(tool, given = {}) {
      const called = nameAt(place, visit, tool);
      const { exitCode, stdout, stderr } = await line.run('call', called, '--args', JSON.stringify(given), ...flags);
      const text = `${exitCode} ${stdout} ${stderr}`.replace(/ Did you mean [^?]*\?/, '');
      return outcomeOf(exitCode === 0, text, called);
    },
  };
}

async function talkingDoor(talk: Talk, visit: Visit, place: Place): Promise<ToolDoor> {
  let lastId = 0;
  const ask = async (message: WireMessage): Promise<string> => {
    const id = `id-${++lastId}`;
    talk.send({ jsonrpc: '2.0', ...message, id });
    return await talk.take(`"id":"${id}"`);
  };
  await ask(initializeRequest(0));
  talk.send(initializedNotification);
  return {
    name: `${visit.consumer} over hostler stdio at ${pathOf(place)}/`,
    isBare: place.server !== undefined,
    list: async () => toolsIn((JSON.parse(await ask({ method: 'tools/list', params: {} })) as WireMessage).result),
    async call(tool, given = {}) {
      const called = nameAt(place, visit, tool);
      const text = await ask({ method: 'tools/call', params: { name: called, arguments: given } });
      return outcomeOf((JSON.parse(text) as WireMessage).result !== undefined, text, called);
    },
  };
}

function nameAt(place: Place, { server }: Visit, tool: string): string {
  return place.server === undefined ? `${server}__${tool}` : tool;
}
