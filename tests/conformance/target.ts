import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { conformanceServer, startProcess, temporaryDirectory } from '@hostler/test-kit';
import type { RunningProcess } from '@hostler/test-kit';
import type { Run } from './runs.ts';

/** What the suite is pointed at. */
export interface Target extends AsyncDisposable {
  readonly url: string;
}

export type StartTarget = (run: Run) => Promise<Target>;

/** The fixture alone. */
export const startFixture: StartTarget = async ({ fixture }) => {
  const { command, args } = conformanceServer('--http', '--era', fixture);
  const server = await startProcess(command, args, { waitFor: /"url"/ });
  return { url: urlOf(server), [Symbol.asyncDispose]: async () => void (await server.stop()) };
};

/** The fixture behind Hostler's command line, at the endpoint that leaves names as they are. */
export const startHostler: StartTarget = async (run) => {
  await using stack = new AsyncDisposableStack();
  const directory = stack.use(await temporaryDirectory());
  const server = run.transport === 'stdio' ? stdioServer(run) : { url: stack.use(await startFixture(run)).url };
  const config = join(directory.path, 'hostler.yaml');
  await writeFile(config, JSON.stringify({ servers: { fixture: server } }));
  const main = fileURLToPath(new URL('../../apps/cli/src/main.ts', import.meta.url));
  const host = stack.use(
    await startProcess(
      process.execPath,
      ['--conditions=@hostler/source', main, 'run', config, '--port', '0', '--json'],
      { waitFor: /"event":"ready"/, timeout: 30_000 },
    ),
  );
  const owned = stack.move();
  return {
    url: new URL('/servers/fixture/mcp', urlOf(host)).href,
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
};

function stdioServer({ fixture }: Run): { readonly command: string; readonly args: readonly string[] } {
  return conformanceServer('--stdio', '--era', fixture);
}

function urlOf({ firstLine }: RunningProcess): string {
  return (JSON.parse(firstLine) as { readonly url: string }).url;
}
