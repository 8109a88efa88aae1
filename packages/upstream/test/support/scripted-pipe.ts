import type { Client, JsonObject, Notification, HostlerError } from '@hostler/kernel';
import type { ConnectContext, Connection } from '../../src/connection.ts';
import { defaultUpstreamLimits } from '../../src/limits.ts';
import type { UpstreamLimits } from '../../src/limits.ts';
import type { EndReason, PipeReceiver, StartPipe } from '../../src/pipe/message-pipe.ts';
import { openPipeConnection } from '../../src/pipe/pipe-connection.ts';
import { readLine } from '../../src/pipe/read-line.ts';
import { DrivenClock, settle } from '@hostler/test-kit';
import { noSecrets } from './no-secrets.ts';
import { RecordingLog } from './recording-log.ts';

export type Message = JsonObject & { readonly method?: string; readonly id?: number; readonly params?: JsonObject };

/** A server in memory that says exactly what the test wants. */
export class ScriptedServer {
  readonly received: Message[] = [];
  readonly starts: PipeReceiver[] = [];
  closes = 0;
  /** Whether messages are taken. */
  reads = true;
  /** Answers to a request, sent at once; undefined: none. */
  answer: (message: Message, server: ScriptedServer) => JsonObject | undefined = legacyHandshake;

  readonly start: StartPipe = (receiver) => {
    this.starts.push(receiver);
    return Promise.resolve({
      send: (message) => {
        if (!this.reads) return false;
        this.#receive(message as Message);
        return true;
      },
      close: () => {
        this.closes += 1;
        return Promise.resolve();
      },
    });
  };

  say(message: JsonObject): void {
    this.#receiver().receive(readLine(Buffer.from(JSON.stringify(message)), { maxBytes: 1_000_000 }));
  }

  notify(method: string, params: JsonObject = {}): void {
    this.say({ jsonrpc: '2.0', method, params });
  }

  end(reason: EndReason): void {
    this.#receiver().ended(reason);
  }

  /** What was received with this method. */
  of(method: string): Message[] {
    return this.received.filter((message) => message.method === method);
  }

  /** The request with this method that came last. */
  last(method: string): Message & { readonly id: number; readonly params: JsonObject } {
    const message = this.of(method).at(-1);
    if (message?.id === undefined || message.params === undefined) throw new Error(`${method} was not requested`);
    return { ...message, id: message.id, params: message.params };
  }

  #receiver(): PipeReceiver {
    const receiver = this.starts.at(-1);
    if (!receiver) throw new Error('the server was not started');
    return receiver;
  }

  #receive(message: Message): void {
    this.received.push(structuredClone(message));
    const answer = this.answer(message, this);
    // Never within the call that asks: no real server is that fast.
    if (answer) queueMicrotask(() => this.say({ jsonrpc: '2.0', id: message.id ?? null, ...answer }));
  }
}

export function legacyHandshake({ method }: Message): JsonObject | undefined {
  if (method === 'server/discover') return { error: { code: -32601, message: 'Method not found' } };
  if (method !== 'initialize') return undefined;
  return {
    result: {
      protocolVersion: '2025-11-25',
      capabilities: { tools: { listChanged: true } },
      serverInfo: { name: 'scripted', version: '1' },
    },
  };
}

export function modernHandshake({ method }: Message): JsonObject | undefined {
  if (method !== 'server/discover') return undefined;
  return { result: { resultType: 'complete', supportedVersions: ['2026-07-28'], capabilities: { tools: {} } } };
}

export interface Opened {
  readonly server: ScriptedServer;
  readonly connection: Connection;
  readonly clock: DrivenClock;
  readonly log: RecordingLog;
  readonly outside: Notification[];
  readonly closes: HostlerError[];
}

export interface OpenOptions {
  readonly answer?: ScriptedServer['answer'];
  readonly client?: Client;
  readonly limits?: Partial<UpstreamLimits>;
  readonly era?: 'auto' | 'legacy' | 'modern';
}

export function makeContext(options: OpenOptions = {}): {
  readonly context: ConnectContext;
  readonly controller: AbortController;
} & Omit<Opened, 'connection' | 'server'> {
  const clock = new DrivenClock();
  const log = new RecordingLog();
  const outside: Notification[] = [];
  const closes: HostlerError[] = [];
  const controller = new AbortController();
  const context: ConnectContext = {
    spec: {
      name: 'scripted',
      transport: { kind: 'stdio', command: 'x', args: [], env: {}, cwd: '/' },
      era: options.era ?? 'auto',
      interactive: true,
      required: false,
      startTimeout: 20_000,
      callTimeout: 60_000,
    },
    ...(options.client && { client: options.client }),
    log,
    clock,
    limits: { ...defaultUpstreamLimits, ...options.limits },
    secrets: noSecrets,
    signal: controller.signal,
    onNotification: (notification) => void outside.push(notification),
    onClose: (reason) => void closes.push(reason),
  };
  return { context, controller, clock, log, outside, closes };
}

/** A negotiated connection to a scripted server. */
export async function open(options: OpenOptions = {}): Promise<Opened> {
  const server = new ScriptedServer();
  if (options.answer) server.answer = options.answer;
  const { context, clock, log, outside, closes } = makeContext(options);
  const connection = await openPipeConnection(context, server.start);
  await settle();
  return { server, connection, clock, log, outside, closes };
}
