import { isJsonObject } from '@hostler/kernel';
import type { Json, JsonObject } from '@hostler/kernel';
import { cliErrors } from './errors.ts';

/** `key=value` pairs as they were typed. @throws CLI_USAGE */
export function splitPairs(pairs: readonly string[]): [key: string, value: string][] {
  return pairs.map((pair) => {
    const equals = pair.indexOf('=');
    if (equals < 1) throw usage(`--arg takes key=value, not "${pair}".`);
    return [pair.slice(0, equals), pair.slice(equals + 1)];
  });
}

/** The JSON object of `--args`. @throws CLI_USAGE */
export function parseArguments(text: string): JsonObject {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw usage('--args is not JSON. Example: --args \'{"message":"hello"}\'', error);
  }
  if (!isJsonObject(value)) throw usage('--args must be a JSON object. Example: --args \'{"message":"hello"}\'');
  return value;
}

/**
 * The arguments of a tool. A value becomes what the tool's input schema wants: text stays text, anything else is read as
 * JSON. Where the schema does not say, JSON is read when it is JSON.
 * @throws CLI_USAGE
 */
export function toolArguments(pairs: readonly string[], inputSchema: Json | undefined): JsonObject {
  const properties =
    isJsonObject(inputSchema) && isJsonObject(inputSchema['properties']) ? inputSchema['properties'] : {};
  const entries = splitPairs(pairs).map(([key, text]): [string, Json] => {
    const schema = Object.hasOwn(properties, key) ? properties[key] : undefined;
    return [key, toValue(key, text, typesOf(schema))];
  });
  return Object.fromEntries(entries);
}

function toValue(key: string, text: string, types: readonly string[]): Json {
  if (types.includes('string')) return text;
  try {
    return JSON.parse(text) as Json;
  } catch (error) {
    if (types.length === 0) return text;
    throw usage(`The tool wants ${types.join(' or ')} for "${key}", and "${text}" is not JSON of that kind.`, error);
  }
}

function typesOf(schema: Json | undefined): readonly string[] {
  if (!isJsonObject(schema)) return [];
  const { type } = schema;
  if (typeof type === 'string') return [type];
  if (Array.isArray(type)) return type.filter((one) => typeof one === 'string');
  // An enumeration without a type: text when one of its values is text.
  if (Array.isArray(schema['enum']) && schema['enum'].some((one) => typeof one === 'string')) return ['string'];
  return [];
}

function usage(problem: string, cause?: unknown): Error {
  return cliErrors.USAGE({ details: { problem }, ...(cause !== undefined && { cause }) });
}
