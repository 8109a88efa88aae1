import { isHostlerError } from '@hostler/kernel';

export const exitCodes = {
  OK: 0,
  UNEXPECTED: 1,
  USAGE: 2,
  SERVER_DOWN: 3,
  CALL_FAILED: 4,
  NOT_FOUND: 5,
  INTERRUPTED: 130,
} as const;

/** As `--help` and the README print them. */
export const exitCodeTable: readonly (readonly [code: number, meaning: string])[] = [
  [exitCodes.OK, 'done'],
  [exitCodes.UNEXPECTED, 'something unexpected went wrong'],
  [exitCodes.USAGE, 'wrong usage, or the configuration is invalid'],
  [exitCodes.SERVER_DOWN, 'a server is not up, a secret cannot be read, or no host runs where one is asked'],
  [exitCodes.CALL_FAILED, 'the call failed: the tool reported an error, or the server or host refused'],
  [exitCodes.NOT_FOUND, 'no such tool, prompt, resource, secret, key or server'],
  [exitCodes.INTERRUPTED, 'interrupted before it was done'],
];

/** Longest prefix first. */
const CODES: readonly (readonly [prefix: string, exitCode: number])[] = [
  ['CLI_INTERRUPTED', exitCodes.INTERRUPTED],
  ['CLI_SERVER_DOWN', exitCodes.SERVER_DOWN],
  ['CLI_CALL_FAILED', exitCodes.CALL_FAILED],
  ['CLI_NOT_FOUND', exitCodes.NOT_FOUND],
  ['CLI_NO_HOST', exitCodes.SERVER_DOWN],
  ['CLI_HOST_REFUSED', exitCodes.CALL_FAILED],
  ['CLI_SERVER_UNKNOWN', exitCodes.NOT_FOUND],
  ['CLI_', exitCodes.USAGE],
  ['CONFIG_', exitCodes.USAGE],
  ['PROVIDER_', exitCodes.USAGE],
  ['SECRET_OPTIONS_INVALID', exitCodes.USAGE],
  ['SECRET_REFERENCE_INVALID', exitCodes.USAGE],
  ['SECRET_VALUE_INVALID', exitCodes.USAGE],
  ['SECRET_VAULT_KEY_', exitCodes.USAGE],
  ['API_OPEN_BIND', exitCodes.USAGE],
  ['API_HOSTS_MISSING', exitCodes.USAGE],
  ['LOCK_NOT_FOUND', exitCodes.NOT_FOUND],
  ['LOCK_', exitCodes.USAGE],
  ['AUTH_KEY_SHARED', exitCodes.USAGE],
  ['AUTH_ISSUER_INVALID', exitCodes.USAGE],
  ['AUTH_UNAVAILABLE', exitCodes.SERVER_DOWN],
  ['AUTH_', exitCodes.CALL_FAILED],
  ['AUDIT_UNAVAILABLE', exitCodes.CALL_FAILED],
  ['AUDIT_', exitCodes.USAGE],
  ['ROUTE_NOT_FOUND', exitCodes.NOT_FOUND],
  ['UPSTREAM_UNAVAILABLE', exitCodes.SERVER_DOWN],
  ['SECRET_', exitCodes.SERVER_DOWN],
  ['UPSTREAM_', exitCodes.CALL_FAILED],
  ['PROTOCOL_INTERNAL', exitCodes.UNEXPECTED],
  ['PROTOCOL_', exitCodes.CALL_FAILED],
];

export function exitCodeOf(error: unknown): number {
  if (!isHostlerError(error)) return exitCodes.UNEXPECTED;
  return CODES.find(([prefix]) => error.code.startsWith(prefix))?.[1] ?? exitCodes.UNEXPECTED;
}
