import { basename, sep } from 'node:path';
import type { SecretUse, Setting } from '@hostler/kernel';
import type { FolderVariable, TemplatePart, Variable } from './template.ts';
import { parseTemplate } from './template.ts';

/** What variables are filled in from; nothing here reads the process's own environment. */
export interface VariableScope {
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly workspaceFolder: string;
  /** Ids of inputs that VS Code would ask for hidden, as a password. */
  readonly passwordInputs: ReadonlySet<string>;
}

/** Either what came of it, or why nothing did; `used` are the variables that were replaced by their values. */
export type Filled<Value> =
  | { readonly value: Value; readonly used: readonly string[]; readonly inputs: readonly string[] }
  | { readonly fault: string; readonly hint?: string };

/** For command lines, URLs and folders: every variable becomes its value now, and one without a value is a fault. */
export function fillInText(text: string, scope: VariableScope): Filled<string> {
  let value = '';
  const used: string[] = [];
  for (const part of parseTemplate(text)) {
    const filled = typeof part === 'string' ? { value: part } : valueOf(part, scope);
    if ('fault' in filled) return filled;
    value += filled.value;
    if (filled.name !== undefined) used.push(filled.name);
  }
  return { value, used, inputs: [] };
}

/**
 * For variables and headers: a variable that may hold a secret stays a reference, so the plan never contains its value.
 * A default counts when the variable is unset or empty, as in a shell.
 */
export function fillInSetting(text: string, scope: VariableScope): Filled<Setting> {
  const inputs: string[] = [];
  let secret: string | undefined;
  const around: string[] = [''];
  for (const part of parseTemplate(text).map((each) => withDefault(each, scope))) {
    if (typeof part === 'string' || part.kind === 'folder') {
      const literal = typeof part === 'string' ? { value: part } : valueOf(part, scope);
      if ('fault' in literal) return literal;
      around.push(`${around.pop() ?? ''}${literal.value}`);
      continue;
    }
    if (part.kind === 'unknown') return UNKNOWN;
    if (secret !== undefined) return { fault: 'two variables in one value', hint: 'join them in one variable' };
    if (part.kind === 'input') inputs.push(part.id);
    secret = `env://${part.kind === 'input' ? toVariableName(part.id) : part.name}`;
    around.push('');
  }
  if (secret === undefined) return { value: around.join(''), used: [], inputs };
  if (around.some((literal) => literal.includes('{}')))
    return { fault: 'a variable beside the text {} is not supported' };
  const format = around.join('{}');
  const value: SecretUse = format === '{}' ? { secret } : { secret, format };
  return { value, used: [], inputs };
}

/** `${input:github-token}` is asked for by VS Code; here it is the variable GITHUB_TOKEN. */
export function toVariableName(id: string): string {
  const name = id
    .replaceAll(/([a-z0-9])([A-Z])/g, '$1_$2')
    .replaceAll(/[^A-Za-z0-9]+/g, '_')
    .toUpperCase();
  return /^\d/.test(name) ? `_${name}` : name;
}

const UNKNOWN = { fault: 'this variable is not known here' } as const;

type Value = { readonly value: string; readonly name?: string } | { readonly fault: string; readonly hint?: string };

function withDefault(part: TemplatePart, { environment }: VariableScope): TemplatePart {
  if (typeof part === 'string' || part.kind !== 'environment' || part.fallback === undefined) return part;
  return environment[part.name] ? part : part.fallback;
}

function valueOf(variable: Variable, scope: VariableScope): Value {
  switch (variable.kind) {
    case 'unknown':
      return UNKNOWN;
    case 'folder':
      return folderValue(variable.name, scope);
    case 'input': {
      const name = toVariableName(variable.id);
      const hint = `set the variable ${name}`;
      if (scope.passwordInputs.has(variable.id)) {
        return { fault: 'a secret cannot stand here', hint: 'give it to the program in env, or send it in headers' };
      }
      const value = scope.environment[name];
      return value === undefined ? { fault: 'nobody can be asked for this input', hint } : { value, name };
    }
    case 'environment': {
      const { name, fallback } = variable;
      const value = scope.environment[name];
      if (fallback !== undefined && !value) return { value: fallback };
      return value === undefined ? { fault: `the variable ${name} is not set` } : { value, name };
    }
  }
}

function folderValue(name: FolderVariable, { environment, workspaceFolder }: VariableScope): Value {
  switch (name) {
    case 'workspaceFolder':
      return { value: workspaceFolder };
    case 'workspaceFolderBasename':
      return { value: basename(workspaceFolder) };
    case 'pathSeparator':
      return { value: sep };
    case 'userHome': {
      const home = environment['HOME'] ?? environment['USERPROFILE'];
      return home === undefined ? { fault: 'the home folder is not known: HOME is not set' } : { value: home };
    }
  }
}
