import type { Json } from '@hostler/kernel';
import type { Redactor } from '../redactor/redactor.ts';
import { secretErrors } from '../secret-errors.ts';
import { hidesLetters } from './hidden-letters.ts';
import type { LeakAction, LeakCounts } from './leak-counts.ts';
import type { LeakDirection, LeakPolicy } from './leak-policy.ts';
import { maskMessage } from './mask-message.ts';
import type { MaskedMessage } from './mask-message.ts';
import { maskValue } from './mask-value.ts';
import type { MessageScreen } from './message-screen.ts';
import { keptBack, MaskingScreen } from './result-screen.ts';
import type { ResultScreen } from './result-screen.ts';

const WITHHELD = {
  code: secretErrors.LEAK.kind.rpc,
  message: 'The answer held a secret of this host and was withheld.',
  data: { code: secretErrors.LEAK.code },
};
const NULL = Buffer.from('null');
/** Where secrets are longer than a tenth of this, results are looked at whole. */
const MOST_KEPT_BACK = 192 * 1024;
const UNSCREENED: ResultScreen = { push: (piece) => [piece], end: () => [] };

export interface ScreenOptions {
  readonly redactor: Redactor;
  readonly counts: LeakCounts;
  /** The policy of now. */
  readonly policy: () => LeakPolicy;
  readonly server: string;
  readonly owned: ReadonlySet<string>;
}

export class ServerScreen implements MessageScreen {
  readonly #options: ScreenOptions;

  constructor(options: ScreenOptions) {
    this.#options = options;
  }

  incoming(message: Uint8Array): Uint8Array {
    const { redactor, policy } = this.#options;
    const { results } = policy();
    if (results === 'off') return message;
    if (redactor.namesIn(message) === undefined && !hidesLetters(message)) return message;
    const masked = maskMessage(message, redactor);
    if (masked.names.size === 0) return message;
    const isRefused = masked.isOpen || (results === 'refuse' && masked.method === undefined);
    this.#count(masked.names, 'result', isRefused ? 'refused' : 'masked');
    return isRefused ? withheld(masked) : masked.bytes;
  }

  largeResult(isInString: () => boolean): ResultScreen | undefined {
    const { redactor, policy } = this.#options;
    const { results } = policy();
    if (results === 'off') return UNSCREENED;
    if (results === 'refuse' || keptBack(redactor) > MOST_KEPT_BACK) return undefined;
    const onFound = (names: ReadonlySet<string>, action: LeakAction): void => this.#count(names, 'result', action);
    return new MaskingScreen({ redactor, isInString, onFound });
  }

  outgoing<Value extends Json>(value: Value): Value {
    const { redactor, owned: allowed, policy } = this.#options;
    const treatment = policy().arguments;
    if (treatment === 'off') return value;
    let names: Set<string> | undefined;
    const onFound = (found: ReadonlySet<string>): void => {
      names = new Set([...(names ?? []), ...found]);
    };
    const masked = maskValue(value, { redactor, allowed, onFound });
    if (names === undefined) return value;
    this.#count(names, 'argument', treatment === 'refuse' ? 'refused' : 'masked');
    if (treatment === 'refuse') throw secretErrors.LEAK();
    // Texts stay texts, objects stay objects; only a long number becomes a text.
    return masked as Value;
  }

  #count(names: ReadonlySet<string>, direction: LeakDirection, action: LeakAction): void {
    this.#options.counts.add({ names, server: this.#options.server, direction, action });
  }
}

/** An answer becomes an error with its id; a question or notification keeps only what it is. */
function withheld({ id, method }: MaskedMessage): Uint8Array {
  if (method === undefined) {
    return Buffer.concat([
      Buffer.from('{"jsonrpc":"2.0","id":'),
      id ?? NULL,
      Buffer.from(`,"error":${JSON.stringify(WITHHELD)}}`),
    ]);
  }
  const idMember = id === undefined ? [] : [Buffer.from(',"id":'), id];
  return Buffer.concat([
    Buffer.from('{"jsonrpc":"2.0"'),
    ...idMember,
    Buffer.from(',"method":'),
    method,
    Buffer.from('}'),
  ]);
}
