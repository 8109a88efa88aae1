import type { Era, Exchange, McpRequest, Outcome, ResultSink } from '@hostler/kernel';
import { canRenameArriving, ResultUriStream } from '@hostler/router';
import { RoutedExchange } from '@hostler/upstream';
import { publicResult } from './public-result.ts';
import type { Route } from './route.ts';

/** An exchange of which the result names resources: under their public URIs, also when it is passed on while it arrives. */
export class PublicExchange extends RoutedExchange {
  readonly #toPublicUri: (rawUri: string) => string;
  #sink: PublicSink | undefined;

  constructor(inner: Exchange, request: McpRequest, toPublicUri: (rawUri: string) => string) {
    super(inner, request);
    this.#toPublicUri = toPublicUri;
  }

  override largeResult(): ResultSink | undefined {
    const { method } = this.request;
    const inner = canRenameArriving(method) ? super.largeResult() : undefined;
    this.#sink = inner && new PublicSink(inner, new ResultUriStream(method, this.#toPublicUri));
    return this.#sink;
  }

  /** The outcome as its client gets it, or has got it. */
  outcome(route: Route, given: Outcome): Outcome {
    const { passed } = given;
    if (passed === undefined || this.#sink === undefined) return publicResult(route, given);
    return { ...given, passed: { ...passed, bytes: this.#sink.bytes } };
  }
}

class PublicSink implements ResultSink {
  readonly #inner: ResultSink;
  readonly #stream: ResultUriStream;
  #bytes = 0;

  constructor(inner: ResultSink, stream: ResultUriStream) {
    this.#inner = inner;
    this.#stream = stream;
  }

  /** That were written. */
  get bytes(): number {
    return this.#bytes;
  }

  begin(era: Era, onDrain: () => void): boolean {
    return this.#inner.begin(era, onDrain);
  }

  write(piece: Uint8Array): boolean {
    let goesOn = true;
    for (const part of this.#stream.push(piece)) {
      this.#bytes += part.length;
      goesOn = this.#inner.write(part);
    }
    return goesOn;
  }

  get keepsNothing(): boolean {
    return !this.#stream.isHolding && this.#inner.keepsNothing === true;
  }

  end(): void {
    this.#inner.end();
  }
}
