import { isHostlerError } from '@hostler/kernel';
import type { Exchange, JsonObject, Outcome } from '@hostler/kernel';
import { memberBytes, parseBytes } from '@hostler/protocol';
import type { Candidate } from '@hostler/router';

export interface Attempt {
  readonly exchange: Exchange;
  /** In the order in which they are tried; at least one. */
  readonly candidates: readonly Candidate[];
  /** How this member says which calls may be sent again. */
  readonly replayOf: (server: string) => 'never' | 'safe' | 'always';
  readonly call: (candidate: Candidate) => Promise<Outcome>;
}

/**
 * One member after the other until one answers, as long as that cannot make a call take effect twice. An answer is an
 * answer, also when it tells of an error: only what never came to an answer is tried elsewhere.
 * @throws what the last member tried threw
 */
export async function tryMembers({ exchange, candidates, replayOf, call }: Attempt): Promise<Outcome> {
  for (const [index, candidate] of candidates.entries()) {
    try {
      // oxlint-disable-next-line no-await-in-loop -- the next one is tried only when this one failed
      return await call(candidate);
    } catch (error) {
      const isLast = index === candidates.length - 1;
      if (isLast || exchange.signal.aborted || !isHostlerError(error) || !error.kind.retryable) throw error;
      const mayHaveRun = error.details['mayHaveRun'] !== false;
      if (mayHaveRun && !isSafeTwice(exchange, candidate, replayOf(candidate.member.server))) throw error;
    }
  }
  throw new TypeError('a group without candidates was called');
}

/** Source: MCP 2025-11-25, server/tools (annotations); everything but a tool call only reads. */
function isSafeTwice({ request }: Exchange, { entry }: Candidate, replay: 'never' | 'safe' | 'always'): boolean {
  if (request.method !== 'tools/call' || replay === 'always') return true;
  if (replay === 'never' || entry === undefined) return false;
  const bytes = memberBytes(entry.bytes, 'annotations');
  const annotations = bytes === undefined ? undefined : (parseBytes(bytes) as JsonObject | null);
  return annotations?.['readOnlyHint'] === true || annotations?.['idempotentHint'] === true;
}
