import type { JsonObject } from '@hostler/kernel';
import { createLineReader } from '@hostler/protocol';
import type { ConnectContext } from '../connection.ts';
import { upstreamErrors } from '../errors.ts';
import { ForeignMessages } from '../pipe/foreign-messages.ts';
import type { EndReason, MessagePipe, PipeReceiver } from '../pipe/message-pipe.ts';
import { readLine } from '../pipe/read-line.ts';
import type { LineReading } from '../pipe/read-line.ts';
import { InputQueue } from './input-queue.ts';
import type { ProcessFamily } from './process-family.ts';
import type { Child } from './start-child.ts';
import { StderrLog } from './stderr-log.ts';
import { stopFamily } from './stop-family.ts';

export interface StdioPipeOptions {
  readonly child: Child;
  readonly family: ProcessFamily;
  readonly context: Pick<ConnectContext, 'spec' | 'log' | 'clock' | 'limits' | 'screen'>;
  readonly receiver: PipeReceiver;
  /** It was stopped; `isGone`: nothing of the child and its descendants is left. */
  readonly onStopped: (isGone: boolean) => Promise<void>;
}

/** Milliseconds for what a dead child wrote last to arrive, when a descendant keeps its stdout open. */
const LAST_WORDS = 200;

const STRAY_PRINTS =
  'the server writes to its stdout what is no MCP message; it is skipped (programs must log to stderr)';

/** One message a line over a child's stdin and stdout. Source: MCP 2025-11-25, basic/transports (stdio). */
export class StdioPipe implements MessagePipe {
  readonly #options: StdioPipeOptions;
  readonly #input: InputQueue;
  readonly #stderr: StderrLog;
  readonly #foreign: ForeignMessages;
  readonly #childEnded: Promise<void>;
  readonly #streamsEnded: Promise<void>;
  #exit: string | undefined;
  /** What the exit code of a child that said nothing means. */
  #explanation: string | undefined;
  #hasSpoken = false;
  #isOver = false;
  #stopping: Promise<void> | undefined;

  constructor(options: StdioPipeOptions) {
    const { child, context } = options;
    const { spec, log, clock, limits } = context;
    this.#options = options;
    this.#stderr = new StderrLog({ server: spec.name, log, clock, limits });
    this.#foreign = new ForeignMessages({ server: spec.name, log, clock, warning: STRAY_PRINTS });
    this.#input = new InputQueue({
      input: child.stdin,
      clock,
      maxBytes: limits.queuedBytes,
      writeTimeout: spec.callTimeout,
      onStalled: () => this.#giveUp((mayHaveRun) => this.#timeout(mayHaveRun)),
    });
    this.#childEnded = new Promise((resolve) => child.process.once('exit', () => resolve()));
    this.#streamsEnded = new Promise((resolve) => child.process.once('close', () => resolve()));
    this.#listen();
  }

  send(message: JsonObject): boolean {
    return !this.#isOver && this.#input.push(Buffer.from(`${JSON.stringify(message)}\n`));
  }

  close(): Promise<void> {
    this.#isOver = true;
    this.#stopping ??= this.#stop();
    return this.#stopping;
  }

  #listen(): void {
    const { child, context, receiver } = this.#options;
    const { messageBytes } = context.limits;
    const reading = { maxBytes: messageBytes, screen: context.screen };
    const lines = createLineReader({
      maxLineBytes: messageBytes,
      onLine: (line) => {
        this.#hasSpoken = true;
        if (!this.#isOver && line.length > 0) this.#read(line, receiver, reading);
      },
      onOverflow: () => this.#giveUp((mayHaveRun) => this.#tooLarge(mayHaveRun)),
    });
    child.stdout.on('data', (chunk: Uint8Array) => lines.push(chunk));
    child.stderr.on('data', (chunk: Uint8Array) => this.#stderr.push(chunk));
    child.stderr.once('close', () => this.#stderr.end());
    // A stream that breaks tells nothing that the end of the child does not tell better.
    for (const stream of [child.stdin, child.stdout, child.stderr]) stream.on('error', () => this.#endSoon());
    child.stdout.once('end', () => this.#endSoon());
    child.process.once('exit', (code, signal) => {
      this.#exit = signal === null ? `code ${code}` : signal;
      if (code !== null && !this.#hasSpoken) this.#explanation = child.explain?.(code);
      this.#endSoon();
    });
    child.process.once('close', () => this.#endUnexpectedly());
    child.process.on('error', (error) => context.log.debug({ server: context.spec.name, error }, 'child process'));
  }

  #read(line: Uint8Array, receiver: PipeReceiver, reading: LineReading): void {
    let incoming;
    try {
      incoming = readLine(line, reading);
    } catch {
      // What is wrong with it matters less than that it is there.
      this.#foreign.add(line);
      return;
    }
    receiver.receive(incoming);
  }

  /** What was written before may still be on its way. A host that stalled looks at what has come meanwhile first. */
  #endSoon(): void {
    const end = (): void => void setImmediate(() => this.#endUnexpectedly());
    if (!this.#isOver) this.#options.context.clock.after(LAST_WORDS, end);
  }

  #endUnexpectedly(): void {
    if (this.#isOver) return;
    const { log, spec } = this.#options.context;
    const how = this.#explanation ?? this.#howItEnded();
    log.warn({ server: spec.name, exit: this.#exit, stderr: this.#stderr.tail() }, 'the server ended unexpectedly');
    this.#giveUp((mayHaveRun) =>
      upstreamErrors.UNAVAILABLE({ details: { server: spec.name, problem: how, mayHaveRun } }),
    );
  }

  #howItEnded(): string {
    if (this.#exit === undefined) return 'It closed its stdin or stdout.';
    if (this.#exit === 'SIGXCPU') return 'It used up the CPU time that its resources allow.';
    return `It exited with ${this.#exit}.`;
  }

  /** Nothing more is expected of this child: its calls fail, and it is stopped with all it started. */
  #giveUp(reason: EndReason): void {
    if (this.#isOver) return;
    void this.close();
    this.#options.receiver.ended(reason);
  }

  #timeout(mayHaveRun: boolean): ReturnType<EndReason> {
    return upstreamErrors.TIMEOUT({ details: { server: this.#options.context.spec.name, mayHaveRun } });
  }

  #tooLarge(mayHaveRun: boolean): ReturnType<EndReason> {
    const { spec, limits } = this.#options.context;
    return upstreamErrors.RESULT_TOO_LARGE({
      details: { server: spec.name, limit: limits.messageBytes, mayHaveRun },
    });
  }

  async #stop(): Promise<void> {
    const { child, family, context, onStopped } = this.#options;
    const { clock, limits, log, spec } = context;
    const isGone = await stopFamily({
      family,
      clock,
      step: limits.stopStep,
      childEnded: this.#childEnded,
      endInput: () => this.#input.end(),
    });
    // A descendant that escaped may hold the streams open; they must not hold this process open.
    const { promise: waitedEnough, resolve } = Promise.withResolvers<void>();
    const cancel = clock.after(LAST_WORDS, resolve);
    await Promise.race([this.#streamsEnded, waitedEnough]);
    cancel();
    for (const stream of [child.stdin, child.stdout, child.stderr]) stream.destroy();
    await onStopped(isGone);
    if (!isGone) log.error({ server: spec.name, process: child.id }, 'the server could not be stopped');
  }
}
