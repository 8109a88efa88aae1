import { isJsonObject, Payload } from '@hostler/kernel';
import type { Json, JsonObject } from '@hostler/kernel';
import { parseBytes, toMessage } from '@hostler/protocol';
import type { MessageId } from '@hostler/protocol';
import type { MessageScreen } from '@hostler/secrets';
import type { Incoming } from '../pipe/message-pipe.ts';

export interface LinkedTransportOptions {
  /** @returns nothing; what the server sent, in its order. */
  onIncoming(incoming: Incoming): void;
  /** The server sent what is no message. */
  onForeign(error: unknown): void;
  /** The server closed the transport. */
  onClosed(): void;
  readonly screen?: MessageScreen | undefined;
}

/**
 * The server's end of a pipe within this process, in the shape of the `Transport` that both official SDK lines take.
 * Messages pass as objects.
 */
export class LinkedTransport {
  // Set by the server when it connects.
  onmessage: ((message: JsonObject) => void) | undefined;
  onclose: (() => void) | undefined;
  onerror: ((error: Error) => void) | undefined;
  readonly #options: LinkedTransportOptions;
  #isClosed = false;

  constructor(options: LinkedTransportOptions) {
    this.#options = options;
  }

  start(): Promise<void> {
    return Promise.resolve();
  }

  /** The server speaks. `relatedRequestId` is the request during which it does, when the SDK knows it. */
  send(message: JsonObject, options?: { readonly relatedRequestId?: MessageId | undefined }): Promise<void> {
    if (this.#isClosed) return Promise.reject(new Error('the transport is closed'));
    try {
      this.#options.onIncoming(readValue(this.#screened(message), options?.relatedRequestId));
    } catch (error) {
      this.#options.onForeign(error);
    }
    return Promise.resolve();
  }

  /** Only where somebody looks at what the server says does a message become bytes here. */
  #screened(message: JsonObject): Json {
    const { screen } = this.#options;
    if (screen === undefined) return message;
    const bytes = Buffer.from(JSON.stringify(message));
    const screened = screen.incoming(bytes);
    return screened === bytes ? message : parseBytes(screened);
  }

  /** The host speaks. */
  deliver(message: JsonObject): void {
    try {
      this.onmessage?.(message);
    } catch (error) {
      this.onerror?.(error as Error);
    }
  }

  close(): Promise<void> {
    if (!this.#isClosed) {
      this.#isClosed = true;
      this.onclose?.();
      this.#options.onClosed();
    }
    return Promise.resolve();
  }
}

/** @throws PROTOCOL_INVALID_REQUEST */
function readValue(value: Json, related: MessageId | undefined): Incoming {
  const message = toMessage(value);
  switch (message.kind) {
    case 'request':
    case 'notification':
      return related === undefined ? message : { ...message, related };
    case 'result':
      return answer(message.id, 'result', message.result);
    case 'error':
      if (message.id === undefined) throw new TypeError('an error that answers nothing');
      return answer(message.id, 'error', message.error);
  }
}

function answer(id: MessageId, member: 'result' | 'error', value: Json): Incoming {
  return { kind: 'answer', id, member, ...(isJsonObject(value) ? { payload: Payload.of(value) } : {}) };
}
