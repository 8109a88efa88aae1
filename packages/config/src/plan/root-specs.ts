import { normalize, resolve } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import type { RootSpec } from '@hostler/kernel';
import type { CheckedServer } from '../schema/config-file.ts';

type WrittenRoot = NonNullable<CheckedServer['roots']>[number];

/** Each folder as the normalised URI under which servers are told of it. */
export function toRootSpecs(roots: readonly WrittenRoot[], folder: string): RootSpec[] {
  return roots.map((root) => {
    const { path, name } = typeof root === 'string' ? { path: root } : root;
    const absolute = /^file:/i.test(path) ? normalize(fileURLToPath(path)) : resolve(folder, path);
    return { uri: withoutLastSlash(pathToFileURL(absolute).href), ...(name === undefined ? {} : { name }) };
  });
}

/** `/srv/data/` and `/srv/data` are one folder; `/` stays what it is. */
function withoutLastSlash(uri: string): string {
  return uri.length > 'file:///'.length && uri.endsWith('/') ? uri.slice(0, -1) : uri;
}
