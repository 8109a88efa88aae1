import { fork } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import type { Socket } from 'node:net';
import type { Duplex, Readable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import type { Clock, Logger } from '@hostler/kernel';
import { createLineReader } from '@hostler/protocol';
import { createLink } from '@hostler/runtime/workers';
import type { Link } from '@hostler/runtime/workers';
import { LINK_DESCRIPTOR } from './link-descriptor.ts';
import type { FromWorker, ToWorker, WorkerStart } from './worker-messages.ts';

export interface WorkerProcessOptions {
  readonly start: () => WorkerStart;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly clock: Clock;
  readonly log: Logger;
  /** A line that the worker has logged. */
  readonly onLog: (line: string) => void;
  /** Gives it what exists once. @returns what ends that */
  readonly serve: (link: Link, name: string) => Promise<() => void>;
  /** It is another one than before: it came, is ready, went. */
  readonly onState: () => void;
}

/** Milliseconds for a worker until it takes connections. */
const START_TIME = 120_000;
/** Milliseconds between the ends of one life and the begin of the next: the first one, and the longest. */
const FIRST_PAUSE = 100;
const LONGEST_PAUSE = 30_000;
/** A life of that many milliseconds was a good one. */
const GOOD_LIFE = 60_000;
/** Milliseconds to receive what a worker has said before it ended. */
const LAST_WORDS_TIME = 2_000;
const MAX_LOG_LINE = 1024 * 1024;

type State = Extract<FromWorker, { kind: 'state' }>;

/** One worker, started again whenever it ends before it was asked to. */
export class WorkerProcess {
  readonly place: number;
  readonly #options: WorkerProcessOptions;
  #child: ChildProcess | undefined;
  #exited: Promise<void> = Promise.resolve();
  #isListening = false;
  #state: State = { kind: 'state', phase: 'starting', ready: false };
  #pause = FIRST_PAUSE;
  #starts = 0;
  #isClosing = false;
  #stopTimer: (() => void) | undefined;
  readonly #metrics = new Map<number, (text: string) => void>();
  #lastNumber = 0;

  constructor(place: number, options: WorkerProcessOptions) {
    this.place = place;
    this.#options = options;
  }

  /** Takes connections. */
  get isListening(): boolean {
    return this.#isListening;
  }

  get isReady(): boolean {
    return this.#isListening && this.#state.ready;
  }

  get hasStarted(): boolean {
    return this.#state.phase === 'running';
  }

  get restarts(): number {
    return Math.max(0, this.#starts - 1);
  }

  start(): void {
    if (this.#isClosing) return;
    const { environment, log, clock } = this.#options;
    const begun = clock.now();
    const child = fork(entry(), [], {
      env: { ...environment },
      // Values as they are, not as JSON has them.
      serialization: 'advanced',
      stdio: ['ignore', 'pipe', 'pipe', 'ipc', 'pipe'],
    });
    this.#child = child;
    this.#starts += 1;
    this.#state = { kind: 'state', phase: 'starting', ready: false };
    const closed = Promise.withResolvers<void>();
    this.#stopTimer = clock.after(START_TIME, () => {
      log.error({ worker: this.place }, 'the worker does not begin to listen and is ended');
      child.kill('SIGKILL');
    });
    this.#exited = closed.promise.then(this.#serve(child));
    child.on('message', (message) => this.#receive(message as FromWorker));
    for (const output of [child.stdout, child.stderr]) if (output !== null) this.#readLog(output);
    // A message that no longer reaches it is no error of this process.
    child.on('error', (error) => log.debug({ worker: this.place, error }, 'a message did not reach the worker'));
    child.once('exit', (code, signal) => {
      this.#onExit(child, { lived: clock.now() - begun, code, signal });
      // Something that it has started may hold its output open.
      void closed.promise.then(clock.after(LAST_WORDS_TIME, closed.resolve));
    });
    // All that it has said is received.
    child.once('close', () => closed.resolve());
    this.send({ ...this.#options.start() });
  }

  /** Nothing where it is gone. */
  send(message: ToWorker, socket?: Socket): void {
    const child = this.#child;
    if (child?.connected !== true) return void socket?.destroy();
    if (socket === undefined) child.send(message, ignore);
    else child.send(message, socket, {}, ignore);
  }

  /** Undefined when it does not say in time. */
  async metrics(timeout: number): Promise<string | undefined> {
    if (!this.#isListening) return undefined;
    const number = ++this.#lastNumber;
    const answered = Promise.withResolvers<string | undefined>();
    this.#metrics.set(number, answered.resolve);
    const stopTimer = this.#options.clock.after(timeout, () => answered.resolve(undefined));
    this.send({ kind: 'metrics', number });
    const text = await answered.promise;
    stopTimer();
    this.#metrics.delete(number);
    return text;
  }

  /** Resolves when the process is gone; it is not started again. */
  close(grace: number): Promise<void> {
    this.#isClosing = true;
    this.#stopTimer?.();
    this.send({ kind: 'close', grace });
    return this.#exited;
  }

  kill(): void {
    this.#isClosing = true;
    this.#child?.kill('SIGKILL');
  }

  #serve(child: ChildProcess): () => void {
    const { serve, log } = this.#options;
    const link = createLink({
      stream: child.stdio[LINK_DESCRIPTOR] as Duplex,
      onEnd: (error) => {
        if (error !== undefined) log.error({ worker: this.place, error }, 'the worker is not understood and is ended');
        child.kill('SIGKILL');
      },
    });
    let isOver = false;
    let stop = (): void => {};
    void serve(link, `worker ${this.place}.${this.#starts}`).then((end) => {
      if (isOver) end();
      else stop = end;
    });
    return () => {
      isOver = true;
      link.close();
      stop();
    };
  }

  #readLog(output: Readable): void {
    const reader = createLineReader({
      maxLineBytes: MAX_LOG_LINE,
      onLine: (line) => this.#options.onLog(Buffer.from(line).toString()),
      onOverflow: () => {},
    });
    output.on('data', (chunk: Buffer) => reader.push(chunk));
  }

  #receive(message: FromWorker): void {
    if (message.kind === 'metrics') return this.#metrics.get(message.number)?.(message.text);
    if (message.kind === 'listening') {
      this.#stopTimer?.();
      this.#isListening = true;
    } else this.#state = message;
    this.#options.onState();
  }

  #onExit(child: ChildProcess, { lived, code, signal }: Life): void {
    if (this.#child !== child) return;
    const { log, clock, onState } = this.#options;
    this.#stopTimer?.();
    this.#isListening = false;
    this.#child = undefined;
    this.#state = { kind: 'state', phase: 'starting', ready: false };
    onState();
    if (this.#isClosing) return;
    if (lived >= GOOD_LIFE) this.#pause = FIRST_PAUSE;
    const pause = this.#pause;
    this.#pause = Math.min(pause * 2, LONGEST_PAUSE);
    log.error(
      { worker: this.place, code, signal, pause },
      'a worker ended, and its sessions with it; it is started again',
    );
    this.#stopTimer = clock.after(pause, () => this.start());
  }
}

interface Life {
  readonly lived: number;
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

/** Beside this file, built or not. */
function entry(): string {
  const { url } = import.meta;
  return fileURLToPath(new URL(url.endsWith('.ts') ? './worker-main.ts' : './worker-main.js', url));
}

function ignore(): void {}
