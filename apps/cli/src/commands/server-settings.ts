import { isJsonObject } from '@hostler/kernel';
import type { Json, JsonObject } from '@hostler/kernel';
import { cliErrors } from '../errors.ts';

/** The settings of a server as they are typed. */
export interface SettingsFlags {
  readonly env?: readonly string[];
  readonly header?: readonly string[];
  readonly secret?: readonly string[];
  readonly cwd?: string;
  /** JSON in the shape of `servers.<name>`, or `-` for standard input. */
  readonly settings?: string;
}

/**
 * Settings out of JSON, with what was typed beside it put over them: `target` is a program with its arguments, or the
 * address of a server.
 * @throws CLI_USAGE
 */
export function settingsFrom(target: readonly string[], flags: SettingsFlags, input: string): JsonObject {
  const { settings = '{}', env = [], header = [], secret = [], cwd } = flags;
  const given = { ...parseSettings(settings === '-' ? input : settings), ...fromTarget(target) };
  const variables = pairs('--env', env);
  const headers = pairs('--header', header, ':').map(([name, value]): [string, string] => [name, value.trim()]);
  const secrets = pairs('--secret', secret).map(([name, reference]): [string, Json] => [name, { secret: reference }]);
  const isReached = given['url'] !== undefined;
  return {
    ...given,
    ...(cwd !== undefined && { cwd }),
    ...merged('env', given, isReached ? variables : [...variables, ...secrets]),
    ...merged('headers', given, isReached ? [...headers, ...secrets] : headers),
  };
}

function fromTarget([first, ...args]: readonly string[]): JsonObject {
  if (first === undefined) return {};
  if (!ADDRESS.test(first)) return { command: first, ...(args.length > 0 && { args }) };
  if (args.length > 0) throw usage('An address takes no arguments.');
  return { url: first };
}

const ADDRESS = /^(?:https?|wss?):\/\//;

function merged(key: 'env' | 'headers', given: JsonObject, added: readonly [string, Json][]): JsonObject {
  if (added.length === 0) return {};
  const known = given[key];
  return { [key]: { ...(isJsonObject(known) ? known : {}), ...Object.fromEntries(added) } };
}

function parseSettings(text: string): JsonObject {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw usage('--settings is not JSON.', cause);
  }
  if (!isJsonObject(value)) throw usage('--settings must be a JSON object with the settings of a server.');
  return value;
}

function pairs(flag: string, given: readonly string[], separator = '='): [string, string][] {
  return given.map((pair) => {
    const at = pair.indexOf(separator);
    // What was typed is not repeated: it may be a secret.
    if (at < 1) throw usage(`${flag} takes NAME${separator}VALUE.`);
    return [pair.slice(0, at), pair.slice(at + 1)];
  });
}

function usage(problem: string, cause?: unknown): Error {
  return cliErrors.USAGE({ details: { problem }, ...(cause !== undefined && { cause }) });
}
