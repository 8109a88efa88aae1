import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import type { Cli } from '../cli.ts';
import { cliErrors } from '../errors.ts';
import { exitCodes } from '../exit-codes.ts';
import { shownPath } from '../problems.ts';
import { commandLine } from '../text/command-line.ts';

export interface NewProviderOptions {
  /** Default: the name of the package, without its scope. */
  readonly dir?: string;
  /** Of Hostler, which the new package asks for. */
  readonly version: string;
}

const TEMPLATES = new URL('../../templates/secret-provider/', import.meta.url);

/** What is written, and the template it is made from: a package manager would not pack some of these names. */
const FILES: readonly (readonly [path: string, template: string])[] = [
  ['package.json', 'package.json.template'],
  ['index.js', 'index.js.template'],
  ['index.test.js', 'index.test.js.template'],
  ['fake-backend.js', 'fake-backend.js.template'],
  ['README.md', 'README.md.template'],
  ['.gitignore', 'gitignore.template'],
];

/** `hostler new secret-provider <name>`: an npm package with a provider of secrets that works, and its tests. */
export async function runNewSecretProvider(cli: Cli, name: string, options: NewProviderOptions): Promise<number> {
  const { context, output } = cli;
  const { packageName, scheme } = namesFrom(name);
  const folder = resolve(context.workingDirectory, options.dir ?? packageName.slice(packageName.indexOf('/') + 1));
  const shown = shownPath(folder, context.workingDirectory);
  await requireEmpty(folder, shown);
  const variable = scheme.toUpperCase().replaceAll(/[^A-Z0-9]/g, '_');
  const values = { package: packageName, scheme, variable, version: options.version };
  for (const [path, template] of FILES) {
    // oxlint-disable-next-line no-await-in-loop -- a few small files; the first that fails ends it
    await write(join(folder, path), fillIn(await readFile(new URL(template, TEMPLATES), 'utf8'), values), shown);
  }
  if (output.isJson) {
    output.json({ package: packageName, scheme, folder, files: FILES.map(([path]) => path) });
    return exitCodes.OK;
  }
  output.print(`Wrote ${shown}: the package ${packageName}, which reads ${scheme}://`);
  output.print('');
  output.print(`Next: cd ${commandLine(shown, [])} && npm install && npm test`);
  output.print('Then: make read in index.js, and fake-backend.js, those of your backend.');
  output.print(`In the configuration: secrets: { providers: [{ use: '${packageName}', with: { … } }] }`);
  return exitCodes.OK;
}

const PREFIX = 'hostler-secrets-';

/**
 * `acme` is the package `hostler-secrets-acme` of the scheme `acme`, `@team/acme` is `@team/hostler-secrets-acme`.
 * @throws CLI_USAGE
 */
function namesFrom(name: string): { readonly packageName: string; readonly scheme: string } {
  const [, scope = '', last = ''] = /^(@[a-z0-9][a-z0-9._-]*\/)?(.+)$/.exec(name) ?? [];
  const scheme = last.startsWith(PREFIX) ? last.slice(PREFIX.length) : last;
  // Of what a scheme may have (`defineSecretProvider`), what may stand in the name of a package too.
  if (/^[a-z][a-z0-9-]{0,31}$/.test(scheme)) return { packageName: `${scope}${PREFIX}${scheme}`, scheme };
  const problem =
    'A provider is named after its scheme: up to 32 lower-case letters, digits and -, beginning with a letter; @scope/ may stand before it.';
  throw cliErrors.USAGE({ details: { problem } });
}

function fillIn(template: string, values: Readonly<Record<string, string>>): string {
  return template.replaceAll(/\{\{(\w+)\}\}/g, (whole, key: string) => values[key] ?? whole);
}

/** @throws CLI_FOLDER_NOT_EMPTY */
async function requireEmpty(folder: string, shown: string): Promise<void> {
  const entries = await readdir(folder).catch(() => []);
  if (entries.length > 0) throw cliErrors.FOLDER_NOT_EMPTY({ details: { folder: shown } });
}

/** `wx`: nothing is overwritten, not even what came to be a moment ago. @throws CLI_FILE_UNWRITABLE */
async function write(path: string, text: string, shown: string): Promise<void> {
  try {
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, text, { flag: 'wx' });
  } catch (cause) {
    throw cliErrors.FILE_UNWRITABLE({ details: { file: shown, reason: 'the operating system refuses' }, cause });
  }
}
