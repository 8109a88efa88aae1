import { Payload } from '@hostler/kernel';
import type { JsonObject, Outcome } from '@hostler/kernel';
import { editObject, memberBytes, parseBytes } from '@hostler/protocol';

/**
 * A modern server that asks must get the answer itself, so the state that goes to the client and comes back names the
 * member that asked. Source: MCP 2026-07-28, basic/patterns/mrtr.
 */
export function withMember(outcome: Outcome, server: string): Outcome {
  if (outcome.kind === 'error' || outcome.era === 'legacy') return outcome;
  const bytes = Buffer.from(outcome.payload.bytes());
  if (!bytes.includes('"input_required"') || textOf(bytes, 'resultType') !== 'input_required') return outcome;
  const state = `${server}\n${textOf(bytes, 'requestState') ?? ''}`;
  return { ...outcome, payload: Payload.ofBytes(editObject(bytes, { set: { requestState: JSON.stringify(state) } })) };
}

export interface ReturnedState {
  readonly server: string;
  /** The request as the member wants it: with the state that it gave, if it gave one. */
  readonly params: JsonObject;
}

/** The member that a retry is for; undefined for a request that is no retry. */
export function takeMember(params: JsonObject): ReturnedState | undefined {
  const { requestState, ...others } = params;
  if (typeof requestState !== 'string') return undefined;
  const end = requestState.indexOf('\n');
  if (end === -1) return undefined;
  const state = requestState.slice(end + 1);
  return {
    server: requestState.slice(0, end),
    params: state === '' ? others : { ...others, requestState: state },
  };
}

function textOf(result: Uint8Array, key: string): string | undefined {
  const bytes = memberBytes(result, key);
  const value = bytes === undefined ? undefined : parseBytes(bytes);
  return typeof value === 'string' ? value : undefined;
}
