import type { Logger } from '@hostler/kernel';
import type { WebSocket } from 'ws';
import type { Outlet } from '../core/reply.ts';
import type { Pulse, Pulsed } from '../http/pulse.ts';
import { WriteWatch } from '../http/write-watch.ts';
import type { EndpointLimits } from '../limits.ts';
import { frameBytes } from './frame-bytes.ts';

export interface SocketLineOptions {
  readonly socket: WebSocket;
  readonly pulse: Pulse;
  readonly log: Logger;
  readonly limits: EndpointLimits;
  readonly onMessage: (bytes: Uint8Array) => void;
  /** Called once, however it ended. */
  onEnd(): void;
}

/** Pings without any sign of life after which a client is taken to be gone. */
const MISSED_PINGS = 4;
/** Milliseconds for a client to answer the closing frame. */
const CLOSE_TIME = 1_000;
/** RFC 6455, 7.4.1. */
const NORMAL = 1000;
const UNSUPPORTED_DATA = 1003;
const POLICY_VIOLATION = 1008;

/** One message a text frame, both ways. It lives until `end`, or until its client goes away, hangs or is too slow. */
export class SocketLine implements Outlet, Pulsed {
  readonly #options: SocketLineOptions;
  readonly #watch: WriteWatch;
  #heardAt: number;
  #pingedAt: number;
  #ended = false;
  #endedAt = 0;

  constructor(options: SocketLineOptions) {
    const { socket, pulse, limits } = options;
    this.#options = options;
    this.#heardAt = pulse.now();
    this.#pingedAt = this.#heardAt;
    this.#watch = new WriteWatch(
      {
        get writableLength() {
          return socket.bufferedAmount;
        },
      },
      limits.stallTimeout,
    );
    const heard = (): void => {
      this.#heardAt = pulse.now();
    };
    socket.on('ping', heard).on('pong', heard);
    socket.on('message', (data: Buffer, isBinary) => {
      heard();
      this.#receive(data, isBinary);
    });
    // What it broke is said by the closing frame that the library sends by itself.
    socket.on('error', (error) => options.log.debug({ error }, 'a web socket failed'));
    socket.once('close', () => this.#onClose());
    pulse.add(this);
  }

  send(message: Uint8Array): boolean {
    const { socket, limits } = this.#options;
    if (this.#ended) return false;
    if (socket.bufferedAmount > limits.pipeBytes) {
      this.#cutOff('a client on a web socket is too slow');
      return false;
    }
    this.#watch.count(frameBytes(message.length));
    socket.send(message, { binary: false }, this.#onSent);
    // Who does not take answers is not asked for more requests.
    if (socket.bufferedAmount > limits.streamBytes) socket.pause();
    return true;
  }

  end(): void {
    this.#close(NORMAL);
  }

  /** Says why: this client will not be let in again as it came. */
  refuse(reason: string): void {
    this.#close(POLICY_VIOLATION, reason);
  }

  #close(code: number, reason?: string): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#endedAt = this.#options.pulse.now();
    // A client that is not listened to could not answer.
    this.#options.socket.resume();
    this.#options.socket.close(code, reason);
  }

  onPulse(now: number): void {
    const { socket, limits } = this.#options;
    if (this.#ended) {
      if (now - this.#endedAt >= CLOSE_TIME) socket.terminate();
    } else if (this.#watch.isStalled(now)) this.#cutOff('a client on a web socket takes nothing');
    else if (now - this.#heardAt >= MISSED_PINGS * limits.keepAlive && !socket.isPaused) {
      this.#cutOff('a client on a web socket is gone');
    } else if (now - this.#pingedAt >= limits.keepAlive) this.#ping(now);
  }

  /** Ends it without a word, when there is no time left. */
  terminate(): void {
    this.#ended = true;
    this.#options.socket.terminate();
  }

  #receive(data: Buffer, isBinary: boolean): void {
    const { socket, onMessage } = this.#options;
    if (this.#ended) return;
    if (isBinary) {
      this.#ended = true;
      this.#endedAt = this.#options.pulse.now();
      return socket.close(UNSUPPORTED_DATA, 'one message a text frame');
    }
    onMessage(data);
  }

  readonly #onSent = (): void => {
    const { socket, limits } = this.#options;
    if (socket.isPaused && socket.bufferedAmount <= limits.streamBytes) {
      this.#heardAt = this.#options.pulse.now();
      socket.resume();
    }
  };

  #ping(now: number): void {
    this.#pingedAt = now;
    this.#watch.count(frameBytes(0));
    this.#options.socket.ping();
  }

  #cutOff(problem: string): void {
    const { log, socket } = this.#options;
    log.warn({ waiting: socket.bufferedAmount }, problem);
    this.terminate();
  }

  #onClose(): void {
    this.#ended = true;
    this.#options.pulse.delete(this);
    this.#options.onEnd();
  }
}
