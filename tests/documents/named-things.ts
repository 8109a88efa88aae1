import { existsSync, globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { root } from './documents.ts';

/** Commands of pnpm itself, which are no scripts. */
const ownCommands =
  /^(?:install|add|exec|dlx|fetch|deploy|pack|publish|changeset|store|config|login|why|update|audit)$/;

interface Manifest {
  readonly name: string;
  readonly scripts?: Readonly<Record<string, string>>;
}

/** What is wrong with a command by the names that it uses: scripts, packages, services and targets have to be there. */
export function unknownName(words: readonly string[]): string | undefined {
  const [program, ...rest] = words;
  if (program === 'pnpm' || program === 'npm') return unknownScript(program, rest);
  if (program === 'docker' && rest[0] === 'compose') return unknownService(rest.slice(1));
  if (program === 'docker' && rest[0] === 'buildx' && rest[1] === 'bake') return unknownTarget(rest.slice(2));
  const path = ['node', 'bash', 'sh'].includes(program ?? '') ? rest.find((word) => !word.startsWith('-')) : program;
  return path !== undefined &&
    /^(?:\.\/)?(?:scripts|\.ci|tests|deploy|docker|bench)\/[\w./-]+$/.test(path) &&
    !existsSync(join(root, path))
    ? `there is no ${path}`
    : undefined;
}

function unknownScript(program: 'npm' | 'pnpm', words: readonly string[]): string | undefined {
  const filter = words.findIndex((word) => word === '--filter' || word === '-F');
  const name = filter < 0 ? undefined : words[filter + 1];
  const manifest = name === undefined ? rootManifest() : manifestOf(name);
  if (manifest === undefined) return `there is no package ${String(name)}`;
  const rest = words.filter((_, index) => filter < 0 || (index !== filter && index !== filter + 1));
  const [first = '', second = ''] = rest.filter(
    (word) => !/^-(?:[rsw]|-silent|-recursive|-workspace-root)$/.test(word),
  );
  const isRun = first === 'run';
  const script = isRun ? second : first;
  // Of npm only `run`, `start` and `test` are scripts.
  if (program === 'npm' && !isRun && !/^(?:start|test)$/.test(first)) return undefined;
  if (!isRun && ownCommands.test(script)) return undefined;
  return manifest.scripts?.[script] === undefined ? `${manifest.name} has no script "${script}"` : undefined;
}

function rootManifest(): Manifest {
  return readManifest('package.json');
}

function manifestOf(name: string): Manifest | undefined {
  return globSync('{packages,apps,examples}/*/package.json', { cwd: root })
    .map(readManifest)
    .find((manifest) => manifest.name === name);
}

function readManifest(path: string): Manifest {
  return JSON.parse(readFileSync(join(root, path), 'utf8')) as Manifest;
}

/** Options of `docker compose` and its commands that take a value. */
const valued =
  /^(?:-f|--file|-p|--project-name|--profile|--env-file|--timeout|-t|--wait-timeout|--tail|-n|--scale|--user|-u|-e|--env|--index|--entrypoint|--name|--progress)$/;
const composeCommands = /^(?:up|down|stop|start|restart|logs|exec|run|build|pull|kill|rm|create)$/;

function unknownService(words: readonly string[]): string | undefined {
  const files = valuesOf(words, /^(?:-f|--file)$/);
  const documents = (files.length > 0 ? files : ['docker-compose.yml']).map((file) => ({
    file,
    content: composeFile(file),
  }));
  // What is in a hidden folder is made by a script.
  const gone = documents.find(({ file, content }) => content === undefined && !file.startsWith('.'));
  if (gone !== undefined) return `there is no ${gone.file}`;
  const services = documents.flatMap(({ content }) => Object.entries(content?.services ?? {}));
  const profiles = services.flatMap(([, service]) => service?.profiles ?? []);
  const missing = valuesOf(words, /^--profile$/).find((profile) => profile !== '*' && !profiles.includes(profile));
  if (missing !== undefined) return `no service has the profile "${missing}"`;
  const [command = '', ...rest] = withoutOptions(words);
  if (!composeCommands.test(command)) return undefined;
  const named = command === 'exec' || command === 'run' ? rest.slice(0, 1) : rest;
  const unknown = named.find((name) => !services.some(([service]) => service === name));
  return unknown === undefined ? undefined : `there is no service "${unknown}"`;
}

interface ComposeFile {
  readonly services?: Readonly<Record<string, { readonly profiles?: readonly string[] } | null>>;
}

function composeFile(name: string): ComposeFile | undefined {
  const path = join(root, name);
  return existsSync(path) ? (parse(readFileSync(path, 'utf8'), { merge: true }) as ComposeFile) : undefined;
}

function unknownTarget(words: readonly string[]): string | undefined {
  const path = join(root, 'docker-bake.hcl');
  if (!existsSync(path)) return 'there is no docker-bake.hcl';
  const names = [...readFileSync(path, 'utf8').matchAll(/^(?:target|group)\s+"([^"]+)"/gm)].map(([, name]) => name);
  const options = /^(?:-f|--file|--set|--progress|--metadata-file|--builder|--sbom|--provenance)$/;
  const unknown = words.find(
    (word, index) => !word.startsWith('-') && !options.test(words[index - 1] ?? '') && !names.includes(word),
  );
  return unknown === undefined ? undefined : `there is no target "${unknown}"`;
}

function valuesOf(words: readonly string[], option: RegExp): readonly string[] {
  return words.flatMap((word, index) => (option.test(words[index - 1] ?? '') ? [word] : []));
}

function withoutOptions(words: readonly string[]): readonly string[] {
  return words.filter((word, index) => !word.startsWith('-') && !valued.test(words[index - 1] ?? ''));
}
