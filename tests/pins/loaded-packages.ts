import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { root, workspacePackages } from './workspace.ts';

/** What a command has loaded by the time it is ready. */
export interface LoadedPackages {
  /** By name; modules of Node as `node:fs`. Sorted. */
  readonly packages: readonly string[];
  /** How many files of ours, and of others. */
  readonly files: number;
  /** Node's undici: what `fetch`, `Request` and each property of an imported `node:http` load, 10 MB. */
  readonly hasOwnUndici: boolean;
}

/** The commands whose modules are pinned, with the configuration of those that read one. */
export const pinnedStarts: Readonly<Record<string, { readonly servers: object } | undefined>> = {
  'hostler --version': undefined,
  'hostler run': { servers: {} },
  'hostler run, with a stdio server': { servers: { one: { command: process.execPath, args: ['-e', ''] } } },
};

/** Starts a command from its sources, until it is ready or has ended. */
export function loadedBy(name: string): LoadedPackages {
  const folder = mkdtempSync(join(tmpdir(), 'hostler-loaded-'));
  try {
    const noted = join(folder, 'loaded.json');
    const configuration = join(folder, 'hostler.json');
    const config = pinnedStarts[name];
    writeFileSync(configuration, JSON.stringify(config ?? {}));
    const { status, stderr } = spawnSync(
      process.execPath,
      [
        '--conditions=@hostler/source',
        `--import=${pathToFileURL(join(root, 'tests/pins/fixtures/note-modules.mjs')).href}`,
        join(root, 'apps/cli/src/main.ts'),
        ...(config === undefined ? ['--version'] : ['run', configuration, '--port', '0', '--json']),
      ],
      { encoding: 'utf8', env: { ...process.env, LOADED_MODULES: noted, XDG_STATE_HOME: folder, PORT: '' } },
    );
    if (status !== 0) throw new Error(`"${name}" ended with ${status}: ${stderr}`);
    return describe(JSON.parse(readFileSync(noted, 'utf8')) as Noted);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

interface Noted {
  readonly loaded: readonly string[];
  readonly hasOwnUndici: boolean;
}

function describe({ loaded, hasOwnUndici }: Noted): LoadedPackages {
  const packages = new Set(loaded.map(packageOf));
  const files = loaded.filter((url) => url.startsWith('file:')).length;
  return { packages: [...packages].toSorted(), files, hasOwnUndici };
}

const ours = workspacePackages().map(({ folder, manifest }) => [`/${folder}/`, manifest.name] as const);

function packageOf(url: string): string {
  if (url.startsWith('node:')) return url;
  // The last one: what depends on it is in the path as well.
  const [, name] = /.*\/node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(url) ?? [];
  return name ?? ours.find(([folder]) => url.includes(folder))?.[1] ?? url;
}
