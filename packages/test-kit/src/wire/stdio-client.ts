import { startProcess } from '../process/start-process.ts';
import type { ExitStatus, RunningProcess, StartOptions } from '../process/start-process.ts';
import { initializedNotification, initializeRequest, modernRequest } from './envelope.ts';
import type { EnvelopeOptions, WireMessage } from './envelope.ts';

type Params = Readonly<Record<string, unknown>>;

export interface StdioClient extends AsyncDisposable {
  readonly process: RunningProcess;
  send(message: WireMessage): void;
  /** Writes bytes as they are: half lines, garbage. */
  sendBytes(bytes: string | Uint8Array): void;
  /** The next message that matches; the others stay for other readers. */
  next(matches: (message: WireMessage) => boolean, timeout?: number): Promise<WireMessage>;
  /** `initialize`, its answer, and `notifications/initialized`. */
  initialize(options?: EnvelopeOptions): Promise<WireMessage>;
  /** A request and its answer, as the legacy era sends it. */
  call(method: string, params?: Params, timeout?: number): Promise<WireMessage>;
  /** A request and its answer, as the modern era sends it. */
  callModern(method: string, params?: Params, options?: EnvelopeOptions): Promise<WireMessage>;
  close(): Promise<ExitStatus>;
}

/** Starts a stdio server and talks to it line by line; nothing is sent that a test did not ask for. */
export async function startStdioClient(
  command: string,
  parameters: readonly string[],
  options: StartOptions = {},
): Promise<StdioClient> {
  const process = await startProcess(command, parameters, options);
  let lastId = 0;
  const send = (message: WireMessage): void => process.write(`${JSON.stringify(message)}\n`);
  const next: StdioClient['next'] = async (matches, timeout) => {
    const line = await process.stdout.take((text) => parseLine(text).some(matches), timeout);
    return JSON.parse(line) as WireMessage;
  };
  const answerTo = (request: WireMessage, timeout?: number): Promise<WireMessage> => {
    send(request);
    return next((message) => message.id === request.id && message.method === undefined, timeout);
  };
  return {
    process,
    send,
    sendBytes: (bytes) => process.write(bytes),
    next,
    async initialize(capabilities = {}) {
      // The program starts before it answers.
      const answer = await answerTo(initializeRequest(`initialize-${++lastId}`, capabilities), 30_000);
      send(initializedNotification);
      return answer;
    },
    call: (method, params = {}, timeout) => answerTo({ jsonrpc: '2.0', id: ++lastId, method, params }, timeout),
    callModern: (method, params = {}, envelope = {}) => answerTo(modernRequest(++lastId, method, params, envelope)),
    async close() {
      process.closeStdin();
      return process.stop();
    },
    [Symbol.asyncDispose]: async () => void (await process.stop()),
  };
}

function parseLine(line: string): readonly WireMessage[] {
  try {
    return [JSON.parse(line) as WireMessage];
  } catch {
    return []; // Servers may print anything; what is no message matches nothing.
  }
}
