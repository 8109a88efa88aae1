import type { Client, ClientAnswer, ClientRequest, JsonObject } from '@hostler/kernel';
import { errorObject, protocolErrors, toHostlerError } from '@hostler/protocol';
import type { MessageId } from '@hostler/protocol';
import type { MessageScreen } from '@hostler/secrets';
import { canBeAsked } from '../askable.ts';
import { upstreamErrors } from '../errors.ts';
import type { ServerRoots } from '../roots/server-roots.ts';
import { screenedAnswer } from '../screened.ts';
import { untilAborted } from '@hostler/secrets';
import type { IncomingRequest } from './message-pipe.ts';
import type { OpenCall } from './open-calls.ts';

export interface ServerQuestionsOptions {
  readonly server: string;
  /** Whom a connection serves alone; on a shared one nobody can be asked. */
  readonly client: Client | undefined;
  /** The folders of the server, where they are configured: what it hears of them, whoever its client is. */
  readonly roots?: ServerRoots | undefined;
  readonly maxOpen: number;
  /** Looks at what clients answer. */
  readonly screen?: MessageScreen | undefined;
  send(message: JsonObject): void;
  /**
   * The call during which the server asks, as far as can be known. Where its client holds no session, only a call leads to
   * it: then it may take a while until it is known. @throws see `CallQuestions.find`
   */
  callOf(request: IncomingRequest, signal: AbortSignal): OpenCall | undefined | Promise<OpenCall>;
  /** @returns to be called when the question is no longer open */
  onAsked(call: OpenCall): () => void;
}

/** What a server of the legacy era asks: `ping` is answered here, questions go to the client that can answer them. */
export class ServerQuestions {
  readonly #options: ServerQuestionsOptions;
  readonly #open = new Map<MessageId, AbortController>();

  constructor(options: ServerQuestionsOptions) {
    this.#options = options;
  }

  receive(request: IncomingRequest): void {
    const { id, method } = request;
    if (method === 'ping') return this.#options.send({ jsonrpc: '2.0', id, result: {} });
    if (method === 'roots/list' && this.#options.roots) {
      return this.#options.send({ jsonrpc: '2.0', id, result: this.#options.roots.answer() });
    }
    const { client } = this.#options;
    if (!canBeAsked(client, method)) {
      return this.#refuse(id, protocolErrors.METHOD_NOT_FOUND({ details: { method } }));
    }
    if (this.#open.has(id)) {
      return this.#refuse(id, protocolErrors.INVALID_REQUEST({ details: { problem: 'the id is in use' } }));
    }
    if (this.#open.size >= this.#options.maxOpen) {
      const { server, maxOpen } = this.#options;
      return this.#refuse(id, upstreamErrors.OVERLOADED({ details: { server, limit: `${maxOpen} open questions` } }));
    }
    void this.#ask(request, client);
  }

  /** The server no longer wants to know. */
  cancel(id: unknown): void {
    this.#open.get(id as MessageId)?.abort(new DOMException('The server withdrew its question', 'AbortError'));
  }

  cancelAll(reason: Error): void {
    for (const controller of this.#open.values()) controller.abort(reason);
  }

  /** Never rejects: every outcome is an answer to the server, or silence when it withdrew the question. */
  async #ask(request: IncomingRequest, client: Client): Promise<void> {
    const { id, method, params } = request;
    const { signal } = this.#opened(id);
    const found = this.#options.callOf(request, signal);
    let close: (() => void) | undefined;
    try {
      const call = found instanceof Promise ? await found : found;
      if (call) close = this.#hold(call);
      const given = await untilAborted(signal, put({ method, params }, { call, client, signal }));
      const answer = screenedAnswer(this.#options.screen, given);
      this.#options.send({
        jsonrpc: '2.0',
        id,
        ...(answer.kind === 'result' ? { result: answer.result } : { error: answer.error }),
      });
    } catch (thrown) {
      if (!signal.aborted) this.#refuse(id, toHostlerError(thrown));
    } finally {
      close?.();
      this.#open.delete(id);
    }
  }

  /** The time of a call stands still while the server waits for an answer. */
  #hold(call: OpenCall): () => void {
    const resumeDeadline = call.deadline?.hold();
    const close = this.#options.onAsked(call);
    return () => {
      resumeDeadline?.();
      close();
    };
  }

  #opened(id: MessageId): AbortController {
    const controller = new AbortController();
    this.#open.set(id, controller);
    return controller;
  }

  #refuse(id: MessageId, error: Parameters<typeof errorObject>[0]): void {
    this.#options.send({ jsonrpc: '2.0', id, error: errorObject(error) });
  }
}

interface Addressee {
  readonly call: OpenCall | undefined;
  readonly client: Client;
  readonly signal: AbortSignal;
}

/** To the call in flight when there is one, for its client sees it there; else to the client's session. */
async function put(request: ClientRequest, { call, client, signal }: Addressee): Promise<ClientAnswer> {
  if (call?.exchange) return call.exchange.ask(request, signal);
  if (client.session) return client.session.ask(request, signal);
  throw protocolErrors.METHOD_NOT_FOUND({ details: { method: request.method } });
}
