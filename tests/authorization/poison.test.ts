import { rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { changingServer, temporaryDirectory } from '@hostler/test-kit';
import type { ConfigFile } from '@hostler/config';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { servePlan } from '../serve.ts';
import { openCommandLine } from './command-line.ts';
import { bearer, newKey } from './guarded-host.ts';
import { APPROVED, POISONS } from './poisons.ts';
import type { Poison } from './poisons.ts';
import { commandToolDoors, mcpToolDoors, restToolDoors } from './tool-doors.ts';
import type { ShownTool, ToolDoor } from './tool-doors.ts';

const KEYS = { careful: newKey(), careless: newKey() };
type Consumer = keyof typeof KEYS;

let stack: AsyncDisposableStack;
let content: string;
let doors: Readonly<Record<Consumer, readonly ToolDoor[]>>;

/** Whole at once, so that nobody reads half of it. */
async function offer(tools: readonly object[]): Promise<void> {
  await writeFile(`${content}.new`, JSON.stringify({ tools }));
  await rename(`${content}.new`, content);
}

// All of them stay open: a session that is there already must not see more than a new one.
beforeAll(async () => {
  stack = new AsyncDisposableStack();
  const folder = stack.use(await temporaryDirectory());
  content = join(folder.path, 'content.json');
  await offer(APPROVED);
  const { command, args } = changingServer(content);
  const config: ConfigFile = {
    log: { level: 'error' },
    servers: { changing: { command, args: [...args], cwd: folder.path } },
    bundles: { all: {} },
    lock: { file: join(folder.path, 'hostler.lock') },
    consumers: {
      careful: { keys: [KEYS.careful.entry], drift: 'hide' },
      careless: { keys: [KEYS.careless.entry], drift: 'warn' },
    },
  };
  const served = await servePlan([], { config: JSON.stringify(config) });
  stack.defer(() => served.close());
  await served.runtime.lock.approve({ all: true });
  const line = stack.use(await openCommandLine(config));
  const doorsOf = async (consumer: Consumer): Promise<readonly ToolDoor[]> => {
    const visit = { consumer, headers: bearer(KEYS[consumer].key), server: 'changing', bundle: 'all' };
    const open = await mcpToolDoors(served.url, visit, stack);
    return [...open, ...restToolDoors(served.url, visit), ...(await commandToolDoors(line, visit, stack))];
  };
  doors = { careful: await doorsOf('careful'), careless: await doorsOf('careless') };
});
afterAll(async () => {
  await stack.disposeAsync();
});

const shortName = ({ name }: ShownTool): string => name.replace(/^changing__/, '');

let offered = 0;

/** Offers this, and with it a tool by which shows that the host has taken it in, at every door where that shows. */
async function untilTaken(tools: readonly object[]): Promise<string> {
  const mark = `mark-${++offered}`;
  await offer([...tools, { name: mark, inputSchema: { type: 'object' } }]);
  const isTaken = async (door: ToolDoor): Promise<void> => {
    const names = async (): Promise<readonly string[]> => (await door.list()).map(shortName);
    await expect.poll(names, { timeout: 30_000, interval: 50, message: door.name }).toContain(mark);
  };
  await Promise.all(doors.careless.map(isTaken));
  return mark;
}

/** Whatever a person does not see: of it nothing may be left. */
const UNSEEN = /[\p{Cf}\p{Cc}]/u;

async function wrongLists(consumer: Consumer, poison: Poison, mark: string): Promise<readonly string[]> {
  const found = doors[consumer].map(async (door) => {
    const tools = await door.list();
    const names = tools.map(shortName).filter((name) => !(consumer === 'careless' && name === mark));
    const isWhole = consumer === 'careless' && door.isBare;
    const should = ((isWhole && poison.bare) || poison[consumer]).toSorted().join(' ');
    const unseen = tools.filter(({ description = '' }) => UNSEEN.test(description) || description.length > 16_384);
    return [
      ...(names.toSorted().join(' ') === should ? [] : [`${door.name} lists [${names.join(' ')}], not [${should}]`]),
      ...unseen.map(({ name }) => `${door.name} shows what nobody sees in ${name}`),
    ];
  });
  return (await Promise.all(found)).flat();
}

/** Lists and calls have to agree; and what is hidden has to look like what is not there. */
async function wrongCalls(consumer: Consumer, done: readonly string[], refused: readonly string[]): Promise<string[]> {
  const found = doors[consumer].map(async (door) => {
    const unknown = await door.call('nothing');
    const of = async (tool: string): Promise<readonly string[]> => {
      const { isDone, text } = await door.call(tool);
      if (done.includes(tool)) return isDone ? [] : [`${door.name} refuses ${tool}: ${text}`];
      if (isDone) return [`${door.name} lets ${tool} through`];
      return text === unknown.text ? [] : [`${door.name} says of ${tool} ${text}, and of nothing ${unknown.text}`];
    };
    const isWhole = consumer === 'careless' && door.isBare;
    return (await Promise.all([...done, ...(isWhole ? [] : refused)].map(of))).flat();
  });
  return (await Promise.all(found)).flat();
}

const ROWS = Object.entries(POISONS).flatMap(([number, poisons]) =>
  poisons.map((poison) => [number, poison.words, poison] as const),
);

it.each(ROWS)('Q-%s %s reaches nobody who wants what was approved, at any door', async (_number, _words, poison) => {
  let mark = '';
  // oxlint-disable-next-line no-await-in-loop -- one after the other
  for (const tools of poison.offers) mark = await untilTaken(tools);
  const extra = poison.careless.filter((name) => !poison.careful.includes(name));
  expect(await wrongLists('careful', poison, mark)).toEqual([]);
  expect(await wrongLists('careless', poison, mark)).toEqual([]);
  expect(await wrongCalls('careful', poison.careful, [...poison.refused, mark])).toEqual([]);
  const neither = poison.refused.filter((name) => !extra.includes(name));
  expect(await wrongCalls('careless', [...poison.careless, mark], neither)).toEqual([]);
});
