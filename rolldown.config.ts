// How each package is built, in its folder: `rolldown --config`, and tsc for the types. Few files make a
// short start. Packages stay apart, ours as well as those of others, and what is loaded when it is needed stays a file of its own.
import { globSync, readFileSync } from 'node:fs';
import { dirname, join, relative, sep } from 'node:path';
import type { Plugin, RolldownOptions } from 'rolldown';

export default function build(): RolldownOptions {
  const folder = process.cwd();
  return {
    input: Object.fromEntries(entryPoints(folder).map((source) => [placeOf(source, folder), source])),
    platform: 'node',
    // Whatever is named as a package is.
    external: /^[^./]/,
    preserveEntrySignatures: 'strict',
    plugins: [keepPlaces(folder)],
    output: {
      dir: 'dist',
      cleanDir: true,
      sourcemap: true,
      // They are in the package.
      sourcemapExcludeSources: true,
      chunkFileNames({ facadeModuleId, moduleIds }) {
        if (typeof facadeModuleId === 'string') return `${placeOf(facadeModuleId, folder)}.js`;
        // The last of them is what the others are there for.
        const source = moduleIds.findLast((id) => id.startsWith(folder));
        return source === undefined ? '[name].js' : `${placeOf(source, folder)}.shared.js`;
      },
    },
  };
}

/** What is loaded by its name: what the manifest exports, and the programs. */
function entryPoints(folder: string): readonly string[] {
  const { exports } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as {
    readonly exports: Readonly<Record<string, string | { readonly '@hostler/source': string }>>;
  };
  const exported = Object.values(exports).flatMap((entry) =>
    typeof entry === 'string' ? [] : [entry['@hostler/source']],
  );
  const programs = globSync('src/**/{main,*-main}.ts', { cwd: folder });
  return [...exported, ...programs].map((file) => join(folder, file));
}

/** Below `dist`, of what is made of a source below `src`. */
function placeOf(source: string, folder: string): string {
  return relative(join(folder, 'src'), source).replaceAll(sep, '/').replace(/\.ts$/, '');
}

/** What looks for files beside itself would look elsewhere. */
function keepPlaces(folder: string): Plugin {
  return {
    name: 'keep-places',
    generateBundle(_, files) {
      for (const file of Object.values(files)) {
        if (file.type === 'asset') continue;
        for (const [id, { code }] of Object.entries(file.modules)) {
          const source = placeOf(id, folder);
          if (isMoved({ source, code, file: file.fileName })) {
            this.error(`${source}.ts looks for files beside itself, and ${file.fileName} is in another folder`);
          }
        }
      }
    },
  };
}

interface BuiltSource {
  readonly source: string;
  readonly code: string | null;
  readonly file: string;
}

export function isMoved({ source, code, file }: BuiltSource): boolean {
  return code !== null && code.includes('import.meta') && dirname(source) !== dirname(file);
}
