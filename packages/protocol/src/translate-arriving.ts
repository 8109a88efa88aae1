import { ArrivingMembers } from './arriving-members.ts';
import type { MemberEdit, MemberFate } from './arriving-members.ts';
import { metaKeys } from './client-meta.ts';
import { editObject } from './edit-object.ts';

const OPEN_BRACE = 0x7b;
const LEGACY_LACKS: ReadonlySet<string> = new Set(['resultType', 'ttlMs', 'cacheScope']);

/**
 * A modern result for a legacy client, as `translateOutcome` has it, when it arrives in pieces. One thing is left out: a
 * structured content that is no object is wrapped, but does not appear as text where its sender gave none.
 */
export function arrivingLegacyResult(method: string): ArrivingMembers {
  return new ArrivingMembers(new LegacyEdit(method === 'tools/call'));
}

class LegacyEdit implements MemberEdit {
  readonly #isCall: boolean;

  constructor(isCall: boolean) {
    this.#isCall = isCall;
  }

  fateOf(key: string, first: number): MemberFate {
    if (LEGACY_LACKS.has(key)) return 'drop';
    if (key === '_meta') return first === OPEN_BRACE ? 'change' : 'keep';
    return key === 'structuredContent' && this.#isCall && first !== OPEN_BRACE ? 'wrap' : 'keep';
  }

  change(_key: string, meta: Uint8Array): Uint8Array | undefined {
    const rest = editObject(meta, { remove: [metaKeys.serverInfo] });
    return rest.length > EMPTY_OBJECT.length ? rest : undefined;
  }
}

const EMPTY_OBJECT = Buffer.from('{}');
