import type { JsonObject } from '@hostler/kernel';
import type { WebSocket } from 'ws';
import type { ConnectContext } from '../connection.ts';
import type { Failures } from '../http/failures.ts';
import { ForeignMessages } from '../pipe/foreign-messages.ts';
import { Liveness } from '../pipe/liveness.ts';
import type { EndReason, Incoming, MessagePipe, PipeReceiver } from '../pipe/message-pipe.ts';
import { readLine } from '../pipe/read-line.ts';
import type { LineReading } from '../pipe/read-line.ts';

export interface WebSocketPipeOptions {
  /** Open. */
  readonly socket: WebSocket;
  readonly context: Pick<ConnectContext, 'spec' | 'log' | 'clock' | 'limits' | 'screen'>;
  readonly receiver: PipeReceiver;
  readonly failures: Failures;
}

/** Milliseconds of silence before the server is pinged. */
const QUIET = 30_000;

/** One message a text frame. */
export class WebSocketPipe implements MessagePipe {
  readonly #options: WebSocketPipeOptions;
  readonly #foreign: ForeignMessages;
  readonly #liveness: Liveness;
  readonly #closed: Promise<void>;
  readonly #reading: LineReading;
  #isOver = false;
  #closing: Promise<void> | undefined;

  constructor(options: WebSocketPipeOptions) {
    const { socket, context } = options;
    const { spec, log, clock, limits, screen } = context;
    this.#options = options;
    this.#reading = { maxBytes: limits.messageBytes, screen };
    this.#foreign = new ForeignMessages({
      server: spec.name,
      log,
      clock,
      warning: 'the server sent what is no MCP message; it is skipped',
    });
    this.#liveness = new Liveness({
      clock,
      interval: QUIET,
      patience: spec.callTimeout,
      ask: () => socket.ping(),
      onDead: () => this.#giveUp(this.#unavailable('It no longer says anything.')),
    });
    this.#closed = new Promise((resolve) => socket.once('close', () => resolve()));
    this.#listen();
  }

  send(message: JsonObject): boolean {
    const { socket, context } = this.#options;
    const text = JSON.stringify(message);
    if (this.#isOver || socket.bufferedAmount + text.length > context.limits.queuedBytes) return false;
    socket.send(text);
    return true;
  }

  close(): Promise<void> {
    this.#isOver = true;
    this.#liveness.stop();
    this.#closing ??= this.#end();
    return this.#closing;
  }

  #listen(): void {
    const { socket } = this.#options;
    const heard = (): void => this.#liveness.heard();
    socket.on('pong', heard).on('ping', heard);
    socket.on('message', (data: Buffer, isBinary) => {
      heard();
      if (!this.#isOver) this.#read(data, isBinary);
    });
    socket.on('error', (error) => this.#onError(error));
    socket.once('close', () => this.#giveUp(this.#unavailable('It closed its connection.')));
  }

  #read(data: Buffer, isBinary: boolean): void {
    let incoming: Incoming;
    try {
      if (isBinary) throw new TypeError('a binary frame');
      incoming = readLine(data, this.#reading);
    } catch {
      // What is wrong with it matters less than that it is there.
      this.#foreign.add(data);
      return;
    }
    this.#options.receiver.receive(incoming);
  }

  #onError(error: Error): void {
    const { failures } = this.#options;
    const code = 'code' in error ? String(error.code) : '';
    if (code === 'WS_ERR_UNSUPPORTED_MESSAGE_LENGTH') this.#giveUp((mayHaveRun) => failures.tooLarge(mayHaveRun));
    else if (code.startsWith('WS_ERR_')) {
      this.#giveUp((mayHaveRun) => failures.protocol('It sent frames that are no valid WebSocket.', mayHaveRun, error));
    } else this.#giveUp((mayHaveRun) => failures.broken(error, mayHaveRun));
  }

  /** Nothing more is expected of this connection. */
  #giveUp(reason: EndReason): void {
    if (this.#isOver) return;
    void this.close();
    this.#options.receiver.ended(reason);
  }

  #unavailable(problem: string): EndReason {
    return (mayHaveRun) => this.#options.failures.unavailable(problem, mayHaveRun);
  }

  async #end(): Promise<void> {
    const { socket, context } = this.#options;
    // The other end may be gone, or never answer the closing frame.
    const stopTimer = context.clock.after(context.limits.stopStep, () => socket.terminate());
    socket.close(1000);
    await this.#closed;
    stopTimer();
  }
}
