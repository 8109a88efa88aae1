import type { Json, JsonObject } from '@hostler/kernel';
import { protocolErrors } from '@hostler/protocol';
import { routeErrors } from './errors.ts';

/** @throws PROTOCOL_INVALID_PARAMS */
export function text(params: JsonObject, name: string): string {
  const value = params[name];
  if (typeof value !== 'string') throw badParameter(name);
  return value;
}

/** @throws PROTOCOL_INVALID_PARAMS */
export function optionalText(params: JsonObject, name: string): string | undefined {
  const value: Json | undefined = params[name];
  return value === undefined ? undefined : text(params, name);
}

export function badParameter(name: string): Error {
  return protocolErrors.INVALID_PARAMS({ details: { problem: `"${name}" is missing or of the wrong type` } });
}

/** What does not exist and what this consumer may not see get the same answer. */
export function notFound(kind: string, details: { readonly name: string; readonly uri?: string }): never {
  throw routeErrors.NOT_FOUND({ details: { kind, ...details } });
}
