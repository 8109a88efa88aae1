import { basename, dirname, resolve } from 'node:path';
import { isJsonObject } from '@hostler/kernel';
import type { Json, JsonObject } from '@hostler/kernel';
import { nearest } from '../nearest.ts';
import type { ProblemList } from '../problem.ts';
import type { ConfigSource } from '../source.ts';
import type { ConfigFormat } from './detect-format.ts';
import type { VariableScope } from './fill-in.ts';
import { fillInText } from './fill-in.ts';
import { auriteFolderOf } from './aurite/clients.ts';
import { translateAurite } from './aurite/translate-aurite.ts';
import { takeName } from './take-name.ts';
import { translateServer } from './translate-server.ts';
import type { TranslationContext } from './translation-context.ts';

type ForeignFormat = Exclude<ConfigFormat, 'hostler'>;

/** What is particular to the file of another program. */
export interface Foreign {
  readonly scope: VariableScope;
  /** The files that must be read before `translate` is called. */
  readonly envFiles: readonly string[];
  /** A foreign file as a file of ours; not yet checked. */
  translate(value: Json, context: TranslationContext): Json;
}

/** Undefined: the file is one of ours. */
export function foreignOf(
  { file, format, document }: ConfigSource,
  environment: VariableScope['environment'] = {},
): Foreign | undefined {
  if (format === 'hostler') return undefined;
  const scope = {
    environment,
    workspaceFolder: workspaceFolderOf(file, format),
    passwordInputs: passwordInputsOf(document.value),
  };
  return {
    scope,
    envFiles: envFilePaths(document.value, format, scope),
    translate: (value, context) => translate(value, format, context),
  };
}

function translate(value: Json, format: ForeignFormat, context: TranslationContext): Json {
  if (format === 'aurite') return translateAurite(value, context);
  const root = rootKey(format);
  const { problems, notes, paths } = context;
  paths.set(['servers'], [root]);
  if (!isJsonObject(value)) return value;
  const entries = value[root];
  if (entries === undefined) {
    problems.add([], `missing key "${root}"`, { inFile: true });
    return { servers: {} };
  }
  noteOtherKeys(value, root, notes);
  if (!isJsonObject(entries)) return { servers: entries };
  const servers: [string, Json][] = [];
  const named = new Map<string, string>();
  for (const [rawName, entry] of Object.entries(entries)) {
    const name = takeName(rawName, [root, rawName], named, context);
    if (name === undefined) continue;
    paths.set(['servers', name], [root, rawName]);
    const server = isJsonObject(entry) ? translateServer(name, entry, context) : (entry ?? null);
    servers.push([name, server]);
  }
  return { servers: Object.fromEntries(servers) };
}

/** The folder that `${workspaceFolder}` means and that relative paths start from. */
function workspaceFolderOf(file: string, format: ForeignFormat): string {
  if (format === 'aurite') return auriteFolderOf(file);
  const folder = dirname(file);
  return ['.vscode', '.cursor'].includes(basename(folder)) ? dirname(folder) : folder;
}

/** Ids of the inputs that are asked for hidden. */
function passwordInputsOf(value: Json | undefined): ReadonlySet<string> {
  const inputs = isJsonObject(value) && Array.isArray(value['inputs']) ? (value['inputs'] as readonly Json[]) : [];
  const ids = inputs.flatMap((input) => {
    const isPassword = isJsonObject(input) && input['password'] === true && typeof input['id'] === 'string';
    return isPassword ? [input['id'] as string] : [];
  });
  return new Set(ids);
}

function envFilePaths(value: Json | undefined, format: ForeignFormat, scope: VariableScope): readonly string[] {
  const entries = isJsonObject(value) ? value[rootKey(format)] : undefined;
  if (!isJsonObject(entries)) return [];
  return Object.values(entries).flatMap((entry) => {
    if (!isJsonObject(entry) || typeof entry['envFile'] !== 'string') return [];
    const filled = fillInText(entry['envFile'], scope);
    return 'fault' in filled ? [] : [resolve(scope.workspaceFolder, filled.value)];
  });
}

function rootKey(format: ConfigFormat): string {
  return format === 'vs-code' ? 'servers' : 'mcpServers';
}

/** One note for all of them: some of these files hold the settings of a whole application. */
function noteOtherKeys(value: JsonObject, root: string, notes: ProblemList): void {
  const known = new Set([root, '$schema', 'inputs']);
  const [first, ...rest] = Object.keys(value).filter((key) => !known.has(key));
  if (first === undefined) return;
  const message =
    rest.length === 0 ? 'is not used' : `is not used, and neither are ${rest.length} other keys beside it`;
  const guess = nearest(first, [root]);
  const hint = guess === undefined ? undefined : `did you mean "${guess}"?`;
  notes.add([first], message, { hint, part: 'key', inFile: true });
}
