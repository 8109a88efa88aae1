import type { Json } from '@hostler/kernel';
import { secretErrors } from '@hostler/secrets';
import type { MessageScreen } from '@hostler/secrets';

/** What stands for a secret in these tests, what takes its place, and what is refused. */
export const LEAKED = 'swordfish';
export const MASK = '[masked]';
export const REFUSED = 'cuttlefish';

/** Keeps what it is shown, masks one word and refuses another. */
export class RecordingScreen implements MessageScreen {
  readonly received: string[] = [];
  readonly sent: Json[] = [];

  incoming(message: Uint8Array): Uint8Array {
    const text = Buffer.from(message).toString('utf8');
    this.received.push(text);
    return text.includes(LEAKED) ? Buffer.from(text.replaceAll(LEAKED, MASK)) : message;
  }

  outgoing<Value extends Json>(value: Value): Value {
    this.sent.push(value);
    const text = JSON.stringify(value);
    if (text.includes(REFUSED)) throw secretErrors.LEAK();
    return text.includes(LEAKED) ? (JSON.parse(text.replaceAll(LEAKED, MASK)) as Value) : value;
  }

  /** How often it was shown a message from the server with this text in it. */
  times(text: string): number {
    return this.received.filter((message) => message.includes(text)).length;
  }
}
