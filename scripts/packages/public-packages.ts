import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

type Entry = string | Readonly<Record<string, string>>;

export interface PackageManifest {
  readonly name: string;
  readonly version: string;
  readonly private?: boolean;
  readonly description?: string;
  readonly keywords?: readonly string[];
  readonly homepage?: string;
  readonly bugs?: { readonly url?: string };
  readonly license?: string;
  readonly author?: string;
  readonly repository?: { readonly type?: string; readonly url?: string; readonly directory?: string };
  readonly bin?: Readonly<Record<string, string>>;
  readonly files?: readonly string[];
  readonly type?: string;
  readonly sideEffects?: boolean;
  readonly exports?: Readonly<Record<string, Entry>>;
  readonly publishConfig?: Readonly<Record<string, unknown>>;
  readonly engines?: Readonly<Record<string, string>>;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly peerDependencies?: Readonly<Record<string, string>>;
}

export interface PublicPackage {
  /** Relative to the root of the workspace. */
  readonly directory: string;
  readonly manifest: PackageManifest;
}

export const root: string = fileURLToPath(new URL('../..', import.meta.url));

/** Every package of a workspace that others install. */
export function publicPackages(workspace: string = root): readonly PublicPackage[] {
  return ['packages', 'apps']
    .flatMap((parent) => readdirSync(join(workspace, parent)).map((name) => `${parent}/${name}`))
    .map((directory) => ({ directory, manifest: readManifest(join(workspace, directory)) }))
    .filter(({ manifest }) => manifest.private !== true);
}

/** What a program can import of a package: `@hostler/runtime`, `@hostler/runtime/workers`. */
export function importPaths({ name, exports = {} }: PackageManifest): readonly string[] {
  return Object.entries(exports)
    .filter(([, entry]) => typeof entry !== 'string')
    .map(([path]) => `${name}${path.slice(1)}`);
}

export function readManifest(folder: string): PackageManifest {
  return JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as PackageManifest;
}
