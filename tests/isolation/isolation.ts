import { createKey } from '@hostler/auth';
import { fileURLToPath } from 'node:url';
import { Pool } from 'undici';
import { servePlan } from '../serve.ts';
import { Talker } from './talker.ts';
import type { Message } from './talker.ts';

export interface IsolationOptions {
  readonly consumers: number;
  readonly clients: number;
  readonly calls: number;
}

export interface IsolationReport {
  readonly clients: number;
  readonly calls: number;
  readonly seconds: number;
  readonly progress: number;
  readonly updates: number;
  /** Foreign notes that were asked for, and refused. */
  readonly refused: number;
  /** Everything that reached somebody whose it was not, or did not reach whose it was; the first of them. */
  readonly crossed: readonly string[];
}

const SERVERS = ['old', 'new'] as const;
const SERVER = fileURLToPath(new URL('notes-server.ts', import.meta.url));
/** Of a hundred problems the first are enough. */
const MOST_SHOWN = 20;

/** Clients of many consumers, all with the same ids and the same progress tokens, of both eras, at the same time. */
export async function isolation({ consumers, clients, calls }: IsolationOptions): Promise<IsolationReport> {
  const names = Array.from({ length: consumers }, (_, index) => `c${index}`);
  const keys = new Map(names.map((name) => [name, createKey()]));
  const served = await servePlan([], { config: configOf(keys) });
  const pool = new Pool(served.url, { connections: clients * 2, pipelining: 1 });
  const counts = { progress: 0, updates: 0, refused: 0 };
  const crossed: string[] = [];
  const cross = (what: string): void => void (crossed.length < MOST_SHOWN && crossed.push(what));
  const talkers = Array.from({ length: clients }, (_, number) => {
    const consumer = names[number % consumers] as string;
    const era = Math.floor(number / consumers) % 2 === 0 ? 'legacy' : 'modern';
    const talker = new Talker({ pool, path: '/mcp', key: keys.get(consumer)?.key ?? '', era });
    return { number, consumer, talker };
  });
  try {
    await Promise.all(talkers.map(({ talker }) => talker.connect()));
    await Promise.all(
      talkers.map(({ talker, consumer }) =>
        talker.listen(`note://${consumer}`, (message) => {
          counts.updates += 1;
          const own =
            message.method === 'notifications/resources/updated' && message.params?.['uri'] === `note://${consumer}`;
          if (!own) cross(`${consumer} was told ${JSON.stringify(message)}`);
        }),
      ),
    );
    const begun = performance.now();
    const each = Math.ceil(calls / clients);
    await Promise.all(talkers.map((one) => talk({ ...one, each, consumers, counts, cross })));
    const seconds = (performance.now() - begun) / 1000;
    return { clients, calls: each * clients, seconds, ...counts, crossed };
  } finally {
    await Promise.all(talkers.map(({ talker }) => talker.leave()));
    await pool.destroy();
    await served.close();
  }
}

interface Talk {
  readonly number: number;
  readonly consumer: string;
  readonly talker: Talker;
  readonly each: number;
  readonly consumers: number;
  readonly counts: { progress: number; updates: number; refused: number };
  readonly cross: (what: string) => void;
}

async function talk({ number, consumer, talker, each, consumers, counts, cross }: Talk): Promise<void> {
  for (let call = 0; call < each; call += 1) {
    const server = SERVERS[(number + call) % 2] as string;
    const mark = `${consumer}/${number}/${call}`;
    const kind = call % 20;
    /* oxlint-disable no-await-in-loop -- every client has the same ids one after the other */
    if (kind === 0) checkNote(await talker.ask('resources/read', { uri: `note://${consumer}` }), consumer, cross);
    else if (kind === 1) {
      const foreign = `c${(Number(consumer.slice(1)) + 1) % consumers}`;
      const answer = (await talker.ask('resources/read', { uri: `note://${foreign}` })).at(-1);
      if (answer?.error === undefined) cross(`${consumer} read ${JSON.stringify(answer)}`);
      else counts.refused += 1;
    } else if (kind === 2 && number < consumers * 2) {
      const given = { mark, uri: `note://${consumer}` };
      checkCall(await talker.ask('tools/call', { name: `${server}__touch`, arguments: given }), mark, cross);
    } else {
      const meta = kind < 8 ? { _meta: { progressToken: 1 } } : {};
      const messages = await talker.ask('tools/call', { name: `${server}__say`, arguments: { mark }, ...meta });
      counts.progress += messages.length - 1;
      if (messages.length !== (kind < 8 ? 2 : 1)) cross(`${mark} got ${messages.length} messages`);
      checkCall(messages, mark, cross);
    }
    /* oxlint-enable no-await-in-loop */
  }
}

function checkNote(messages: readonly Message[], consumer: string, cross: Talk['cross']): void {
  const text = JSON.stringify(messages.at(-1)?.result?.['contents']);
  if (messages.length !== 1 || !text?.includes(`"the note at note://${consumer}"`)) {
    cross(`${consumer} read ${JSON.stringify(messages)}`);
  }
}

/** The answer, and every notification before it, is of this very call. */
function checkCall(messages: readonly Message[], mark: string, cross: Talk['cross']): void {
  const [content] = (messages.at(-1)?.result?.['content'] ?? []) as readonly { readonly text?: string }[];
  const isOwn = content?.text === mark && messages.slice(0, -1).every(({ params }) => params?.['message'] === mark);
  if (!isOwn) cross(`${mark} got ${JSON.stringify(messages)}`);
}

function configOf(keys: ReadonlyMap<string, { readonly hash: string }>): string {
  const run = (era: string) => ({
    command: process.execPath,
    args: [SERVER, era],
    cwd: '/',
    limits: { running: 1000, waiting: 1000 },
  });
  return JSON.stringify({
    servers: { old: run('legacy'), new: run('modern') },
    consumers: Object.fromEntries(
      [...keys].map(([name, { hash }]) => [
        name,
        { keys: [{ hash }], allow: ['tool:*/*', `resource:*/note://${name}`, 'resource:*/note://{consumer}'] },
      ]),
    ),
    log: { level: 'error' },
  });
}
