import type { JsonObject } from '@hostler/kernel';
import type { StreamEvent } from '@hostler/protocol';
import type { HttpContext } from '../http/http-context.ts';
import type { ReplyFailure, ReplyHead, ReplyListener, ReplyReader } from '../http/reply-reader.ts';
import { ForeignMessages } from '../pipe/foreign-messages.ts';
import { Liveness } from '../pipe/liveness.ts';
import type { EndReason, Incoming, MessagePipe, PipeReceiver } from '../pipe/message-pipe.ts';
import { readLine } from '../pipe/read-line.ts';
import type { LineReading } from '../pipe/read-line.ts';
import { untilAborted } from '@hostler/secrets';
import { endpointPath } from './endpoint-path.ts';
import { PostQueue } from './post-queue.ts';

/** Milliseconds of silence before the server is asked whether it is still there. */
const QUIET = 30_000;
/** Ids of our own pings: numbers belong to the calls. */
const PING = 'hostler-ping-';

/**
 * Messages from the server as events of one long GET, messages to it as POSTs to the address that its first event names.
 * Source: MCP 2024-11-05, basic/transports (HTTP with SSE). The stream is the session: when it ends, so does the pipe.
 */
export class SsePipe implements MessagePipe, ReplyListener {
  readonly #http: HttpContext;
  readonly #receiver: PipeReceiver;
  readonly #opening = Promise.withResolvers<void>();
  readonly #foreign: ForeignMessages;
  readonly #liveness: Liveness;
  readonly #reading: LineReading;
  readonly #stream: ReplyReader | undefined;
  readonly #stopPatience: () => void;
  #posts: PostQueue | undefined;
  #pings = 0;
  #isOver = false;

  constructor(http: HttpContext, receiver: PipeReceiver, patience: number) {
    const { clock, connect, failures, link } = http;
    const server = connect.spec.name;
    this.#http = http;
    // The link has screened what comes.
    this.#reading = { maxBytes: connect.limits.messageBytes };
    this.#receiver = receiver;
    this.#foreign = new ForeignMessages({
      server,
      log: connect.log,
      clock,
      warning: 'the server sent what is no MCP message; it is skipped',
    });
    this.#liveness = new Liveness({
      clock,
      interval: QUIET,
      patience: connect.spec.callTimeout,
      ask: () => void this.send({ jsonrpc: '2.0', id: `${PING}${++this.#pings}`, method: 'ping' }),
      onDead: () => this.#giveUp(this.#lost('It no longer says anything.')),
    });
    this.#opening.promise.catch(() => {});
    this.#stopPatience = clock.after(patience, () => this.#refuseToOpen(failures.timeout(false)));
    this.#stream = link.send({ method: 'GET', headers: [], lane: 'streams' }, this);
  }

  /** Resolves when the server has said where messages go. @throws UPSTREAM_*, or the signal's reason */
  async opened(signal: AbortSignal): Promise<void> {
    await untilAborted(signal, this.#opening.promise);
  }

  send(message: JsonObject): boolean {
    return !this.#isOver && this.#posts?.send(message) === true;
  }

  readonly renewSecrets = (signal: AbortSignal): Promise<void> => this.#http.headers.renew(signal);

  /** Ends the stream and leaves the link to its owner. */
  abandon(): void {
    this.#isOver = true;
    this.#stopPatience();
    this.#liveness.stop();
    this.#posts?.stop();
    this.#stream?.stop();
  }

  async close(): Promise<void> {
    this.abandon();
    await this.#http.link.close();
  }

  onHead({ status, form }: ReplyHead): void {
    const { failures } = this.#http;
    if (status === 200 && form === 'events') return;
    if (status === 401) this.#http.headers.expire();
    const isPage = status >= 200 && status < 300;
    this.#refuseToOpen(
      isPage ? failures.protocol('It opens no event stream.', false) : failures.refused(status, false),
    );
  }

  onEvent({ event, data }: StreamEvent): void {
    if (this.#isOver) return;
    this.#liveness.heard();
    if (this.#posts === undefined) this.#open(event, data);
    else if (event === 'message' && data.length > 0) this.#read(data);
  }

  onEnd(): void {
    this.#giveUp(this.#lost('It ended its event stream.'));
  }

  onFailure(failure: ReplyFailure): void {
    const { failures } = this.#http;
    switch (failure.kind) {
      case 'unreachable':
        return this.#giveUp(() => failures.unreachable(failure.cause));
      case 'too-large':
        return this.#giveUp((mayHaveRun) => failures.tooLarge(mayHaveRun));
      case 'encoded':
        return this.#giveUp((mayHaveRun) =>
          failures.protocol('It sent an encoded stream, which was not asked for.', mayHaveRun),
        );
      case 'broken':
        return this.#giveUp((mayHaveRun) => failures.broken(failure.cause, mayHaveRun));
    }
  }

  #open(event: string, data: Uint8Array): void {
    const { failures, url } = this.#http;
    const path = event === 'endpoint' ? endpointPath(data, url) : undefined;
    if (path === undefined) {
      const problem =
        event === 'endpoint'
          ? 'It names an address of another origin for messages, which is not used.'
          : 'Its event stream does not begin with the address for messages.';
      return this.#refuseToOpen(failures.protocol(problem, false));
    }
    this.#posts = new PostQueue({
      http: this.#http,
      path,
      onFailed: (id, reason) => this.#receiver.failed(id, reason),
      onLost: (reason) => this.#giveUp(reason),
    });
    this.#stopPatience();
    this.#opening.resolve();
  }

  #read(data: Uint8Array): void {
    let incoming: Incoming;
    try {
      incoming = readLine(data, this.#reading);
    } catch {
      // What is wrong with it matters less than that it is there.
      this.#foreign.add(data);
      return;
    }
    const isPong = incoming.kind === 'answer' && String(incoming.id).startsWith(PING);
    if (!isPong) this.#receiver.receive(incoming);
  }

  #refuseToOpen(error: Error): void {
    this.abandon();
    this.#opening.reject(error);
  }

  #giveUp(reason: EndReason): void {
    if (this.#isOver) return;
    this.abandon();
    if (this.#posts === undefined) this.#opening.reject(reason(false));
    else this.#receiver.ended(reason);
  }

  #lost(problem: string): EndReason {
    return (mayHaveRun) => this.#http.failures.unavailable(problem, mayHaveRun);
  }
}
