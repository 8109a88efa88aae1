import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createKey } from '@hostler/auth';
import type { ConfigFile } from '@hostler/config';
import type { Runtime } from '@hostler/runtime';
import { temporaryDirectory } from '@hostler/test-kit';
import { readPlan, servePlan } from '../serve.ts';
import { startListener } from './things-listener.ts';
import type { Reached } from './things-listener.ts';

const PROGRAM = fileURLToPath(new URL('things-program.ts', import.meta.url));

const USES =
  /"method":"(?:tools\/call|prompts\/get|completion\/complete|resources\/(?:read|subscribe)|subscriptions\/listen)"/g;

/** A host with the servers `one` and `two`, both of which know what has reached them. */
export interface GuardedHost extends AsyncDisposable {
  readonly url: string;
  readonly runtime: Runtime;
  readonly config: ConfigFile;
  readonly log: () => string;
  /** What has reached `two`, the server on the network. */
  readonly reached: readonly Reached[];
  /** How many requests have reached `one`, the program, and what they were: JSON lines. */
  readonly program: () => Promise<string>;
  /** How often something of theirs was used, and not merely listed. */
  readonly uses: () => Promise<number>;
  /** Puts another configuration in force, of the same servers. */
  readonly apply: (settings: Settings) => Promise<void>;
}

export type Settings = Omit<ConfigFile, 'servers'> & Partial<Pick<ConfigFile, 'servers'>>;

export async function startGuarded(settings: Settings): Promise<GuardedHost> {
  await using stack = new AsyncDisposableStack();
  const directory = stack.use(await temporaryDirectory());
  const file = join(directory.path, 'asked.jsonl');
  await writeFile(file, '');
  const two = stack.use(await startListener('two', 'modern'));
  const servers: ConfigFile['servers'] = {
    one: { command: process.execPath, args: ['--conditions=@hostler/source', PROGRAM, file], cwd: directory.path },
    two: { url: two.url },
  };
  const complete = (given: Settings): ConfigFile => ({
    log: { level: 'debug' },
    ...given,
    servers: { ...servers, ...given.servers },
  });
  const config = complete(settings);
  const served = await servePlan([], { config: JSON.stringify(config) });
  stack.defer(() => served.close());
  const down = served.runtime.readiness().servers.filter(({ status }) => status !== 'up');
  if (down.length > 0) throw new Error(`not up: ${down.map(({ name, problem }) => `${name} ${problem}`).join(', ')}`);
  const owned = stack.move();
  return {
    url: served.url,
    runtime: served.runtime,
    config,
    log: served.log,
    reached: two.reached,
    program: () => readFile(file, 'utf8'),
    async uses() {
      const asked = [...two.reached.map(({ body }) => body), await readFile(file, 'utf8')];
      return asked.join('\n').match(USES)?.length ?? 0;
    },
    async apply(changed) {
      await served.runtime.apply(await readPlan(JSON.stringify(complete(changed))));
    },
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

/** A key, and what the configuration says of it. */
export function newKey(more: object = {}): { readonly key: string; readonly entry: { hash: string } } {
  const { key, hash } = createKey();
  return { key, entry: { hash, ...more } };
}

export type Headers = Readonly<Record<string, string>>;

export const bearer = (text: string): Headers => ({ authorization: `Bearer ${text}` });
