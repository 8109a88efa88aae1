import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { isTestFile, root, sourceEntry, sourceFiles } from './workspace.ts';
import type { WorkspacePackage } from './workspace.ts';

/** What a stranger can see of one package. */
export interface Surface {
  /** Each entry of the export map with its sorted run-time names; null for entries that are no code. */
  readonly entries: Readonly<Record<string, readonly string[] | null>>;
  /** `CODE: 'http rpc fault'`, with `retryable` behind where it is. */
  readonly errors: Readonly<Record<string, string>>;
  /** Exported objects whose name ends in limits, with their values. */
  readonly limits: Readonly<Record<string, unknown>>;
}

/** The surface of a package as its sources have it now. */
export async function readSurface({ folder, manifest }: WorkspacePackage): Promise<Surface> {
  const entries: Record<string, readonly string[] | null> = {};
  const exported: Record<string, unknown> = {};
  for (const [path, entry] of Object.entries(manifest.exports ?? {})) {
    const file = sourceEntry(entry);
    const module = file === undefined ? undefined : await importFile(join(root, folder, file));
    entries[path] = module === undefined ? null : Object.keys(module).toSorted();
    Object.assign(exported, module);
  }
  const limits = Object.entries(exported).filter(([name, value]) => /limits$/i.test(name) && typeof value === 'object');
  return {
    entries,
    errors: Object.fromEntries(Object.values(exported).flatMap(errorCodes)),
    limits: Object.fromEntries(limits.toSorted(([one], [other]) => (one < other ? -1 : 1))),
  };
}

/** Names of error tables in the sources of a package, whether they are exported from its index or not. */
export function declaredErrorTables(folder: string): readonly string[] {
  return sourceFiles(folder)
    .filter((file) => !isTestFile(file))
    .flatMap((file) => [...readFileSync(file, 'utf8').matchAll(/\bconst (\w+)(?:: [^=]+)? = defineErrors\(/g)])
    .map((match) => match[1] as string)
    .toSorted();
}

async function importFile(file: string): Promise<Record<string, unknown>> {
  return (await import(/* @vite-ignore */ pathToFileURL(file).href)) as Record<string, unknown>;
}

interface ErrorBuilder {
  readonly code: string;
  readonly kind: { readonly http: number; readonly rpc: number; readonly fault: string; readonly retryable: boolean };
}

function errorCodes(value: unknown): readonly (readonly [string, string])[] {
  if (typeof value !== 'object' || value === null) return [];
  return Object.values(value)
    .filter(isErrorBuilder)
    .map(
      ({ code, kind }) =>
        [code, `${kind.http} ${kind.rpc} ${kind.fault}${kind.retryable ? ' retryable' : ''}`] as const,
    );
}

function isErrorBuilder(value: unknown): value is ErrorBuilder {
  return typeof value === 'function' && 'code' in value && 'kind' in value;
}
