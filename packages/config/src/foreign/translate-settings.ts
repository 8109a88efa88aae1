import { resolve } from 'node:path';
import { parseEnv } from 'node:util';
import { isJsonObject } from '@hostler/kernel';
import type { Json, JsonObject, Setting } from '@hostler/kernel';
import type { Path } from '../path.ts';
import { isOwnHeader } from '../schema/setting.ts';
import { fillInSetting, fillInText, toVariableName } from './fill-in.ts';
import type { TranslationContext } from './translation-context.ts';

/** The variables of `envFile`, then those of `env`, which win (VS Code and Cursor agree on this order). */
export function translateEnvironment(name: string, { env, envFile }: JsonObject, context: TranslationContext): Json {
  const path = ['servers', name, 'env'];
  if (env !== undefined && env !== null && !isJsonObject(env)) return env;
  const variables = new Map<string, Json>(readEnvFile(name, envFile, context));
  for (const [variable, value] of Object.entries(env ?? {})) {
    context.paths.set([...path, variable], [...context.paths.toFilePath(path.slice(0, 2)), 'env', variable]);
    // VS Code: null takes a variable away, numbers are allowed.
    if (value === null || value === undefined) variables.delete(variable);
    else variables.set(variable, translateSetting([...path, variable], value, context));
  }
  return Object.fromEntries(variables);
}

export function translateHeaders(name: string, headers: Json, context: TranslationContext): Json {
  if (!isJsonObject(headers)) return headers;
  const kept: [string, Json][] = [];
  for (const [header, value] of Object.entries(headers)) {
    const path = ['servers', name, 'headers', header];
    if (isOwnHeader(header)) context.notes.add(path, 'is not used: Hostler writes this header itself', { part: 'key' });
    else if (value !== undefined) kept.push([header, translateSetting(path, value, context)]);
  }
  return Object.fromEntries(kept);
}

function translateSetting(path: Path, value: Json, { scope, problems, notes }: TranslationContext): Json {
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  if (typeof value !== 'string') return value;
  const filled = fillInSetting(value, scope);
  if ('fault' in filled) {
    problems.add(path, filled.fault, { hint: filled.hint });
    return '';
  }
  for (const id of filled.inputs)
    notes.add(path, `set the variable ${toVariableName(id)}: nobody is asked for it here`);
  return toJson(filled.value);
}

function toJson(setting: Setting): Json {
  return typeof setting === 'string' ? setting : { ...setting };
}

function readEnvFile(
  name: string,
  envFile: Json | undefined,
  context: TranslationContext,
): readonly [string, string][] {
  if (envFile === undefined || envFile === null) return [];
  const { scope, envFiles, paths, problems } = context;
  const path = ['servers', name, 'envFile'];
  if (typeof envFile !== 'string') {
    problems.add(path, 'expected a path');
    return [];
  }
  const filled = fillInText(envFile, scope);
  if ('fault' in filled) {
    problems.add(path, filled.fault, { hint: filled.hint });
    return [];
  }
  const content = envFiles.get(resolve(scope.workspaceFolder, filled.value));
  if (content === undefined) {
    problems.add(path, 'there is no such file');
    return [];
  }
  const origin = paths.toFilePath(path);
  return Object.entries(parseEnv(content)).map(([variable, value]) => {
    paths.set(['servers', name, 'env', variable], origin);
    return [variable, value ?? ''];
  });
}
