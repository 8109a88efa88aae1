import { dirname, isAbsolute, join, resolve } from 'node:path';
import { isJsonObject } from '@hostler/kernel';
import type { Json, JsonObject } from '@hostler/kernel';
import { Document } from 'yaml';
import { formatNote } from './format-problems.ts';
import { loadSource } from './load.ts';
import type { LoadOptions } from './load.ts';
import { parseConfig } from './parse.ts';
import { remoteTypeOf } from './plan/remote-type.ts';
import { ProblemList } from './problem.ts';
import { isFromEnvFile, namesSecret } from './secret-names.ts';
import type { CheckedSource } from './source.ts';

export interface ImportOptions extends LoadOptions {
  /** Where the text will be saved; `hostler.yaml` in the folder where the foreign file's relative paths start by default. */
  readonly target?: string;
  /** What the line `$schema` says; `./hostler.schema.json` by default. */
  readonly schema?: string;
}

/**
 * The text of a `hostler.yaml` that means the same as a file of another program. A secret never enters it: what the
 * foreign file takes from `envFile` under a name such as `…_TOKEN` becomes a reference to the variable of that name.
 * @throws as `loadConfig`, and CONFIG_INVALID when the file is one of ours or a command line contains a secret.
 */
export async function importConfig(path: string, options: ImportOptions = {}): Promise<string> {
  const { source, checked } = await loadSource(path, options);
  const problems = new ProblemList(source.file, source.document.locate, checked.toFilePath);
  if (source.format === 'hostler') problems.add([], 'is a Hostler configuration already');
  for (const { path: place, variable } of checked.filledIn) {
    if (!namesSecret(variable)) continue;
    const hint = 'give it to the program in env, or send it in headers';
    problems.add(place, `the value of ${variable} would be written into the file`, { hint });
  }
  problems.throwIfAny();

  const target = resolve(options.target ?? join(checked.folder, 'hostler.yaml'));
  const servers = importServers(checked, dirname(target));
  const { secrets, bundles } = checked.value as { readonly secrets?: JsonObject; readonly bundles?: JsonObject };
  const document = new Document({
    $schema: options.schema ?? './hostler.schema.json',
    servers,
    ...(bundles && { bundles }),
    ...(secrets && { secrets }),
  });
  document.commentBefore = headerComment(checked, source.file);
  const text = document.toString({ lineWidth: 0 });
  // What was written must be readable: a value that looks like a variable of ours, for example, is not.
  parseConfig(text, target);
  return text;
}

function headerComment({ notes }: CheckedSource, file: string): string {
  const lines = [
    `Imported from ${file}`,
    'Editors complete and check this file when $schema leads to its JSON Schema.',
  ];
  const found = notes.toArray();
  if (found.length > 0) lines.push('', 'What the import changed or left out, and what to look at:');
  for (const note of found) lines.push(`- ${formatNote(note)}`);
  return lines.map((line) => ` ${line}`).join('\n');
}

function importServers(checked: CheckedSource, targetFolder: string): JsonObject {
  const { servers } = checked.value as { readonly servers: JsonObject };
  const entries = Object.entries(servers).map(([name, server]): [string, Json] => {
    return [name, importServer(name, server as JsonObject, checked, targetFolder)];
  });
  return Object.fromEntries(entries);
}

function importServer(name: string, server: JsonObject, checked: CheckedSource, targetFolder: string): JsonObject {
  const { type, ...rest } = server;
  const imported: Record<string, Json | undefined> = { ...(saysMore(type, server['url']) && { type }), ...rest };
  if (isJsonObject(server['env'])) imported['env'] = withoutFileSecrets(name, server['env'], checked);
  const { command, cwd } = server;
  if (typeof command !== 'string' || targetFolder === checked.folder) return imported;
  // Relative paths start at the folder of the file, and this file is in another one.
  if (command.includes('/') && !isAbsolute(command)) imported['command'] = resolve(checked.folder, command);
  imported['cwd'] = resolve(checked.folder, typeof cwd === 'string' ? cwd : '.');
  return imported;
}

/** Whether the type is not what the address says anyway. */
function saysMore(type: Json | undefined, url: Json | undefined): boolean {
  return typeof url === 'string' && type !== undefined && type !== remoteTypeOf(url);
}

/** A file for `envFile` is kept out of version control; the file written here most often is not. */
function withoutFileSecrets(name: string, env: JsonObject, { toFilePath, notes }: CheckedSource): JsonObject {
  const entries = Object.entries(env).map(([variable, value]): [string, Json | undefined] => {
    const path = ['servers', name, 'env', variable];
    if (typeof value !== 'string' || !namesSecret(variable) || !isFromEnvFile(toFilePath(path)))
      return [variable, value];
    notes.add(path, `set the variable ${variable}: its value was not copied from this file`);
    return [variable, { secret: `env://${variable}` }];
  });
  return Object.fromEntries(entries);
}
