export type JsonObject = Readonly<Record<string, unknown>>;

export interface Request {
  readonly id: string | number;
  readonly method: string;
  readonly params: JsonObject;
  readonly isModern: boolean;
}

/** What a tool may do with its call: every way to answer, also the wrong ones. */
export interface Call {
  readonly request: Request;
  readonly parameters: JsonObject;
  /** Aborts when the client cancels. */
  readonly cancelled: AbortSignal;
  answer(result: JsonObject): void;
  /** A complete line of JSON-RPC, with whatever id. */
  send(message: JsonObject): void;
  /** Bytes as they are. */
  write(bytes: string | Uint8Array): void;
  /** Asks the client, in the legacy era; resolves with its result. */
  ask(method: string, params: JsonObject): Promise<unknown>;
  /** Adds or removes the tool `extra` and tells everyone who listens. */
  changeTools(): void;
  /** What this process has seen so far. */
  statistics(): JsonObject;
}

export type Tool = (call: Call) => void | Promise<void>;

export const text = (value: string): JsonObject => ({ content: [{ type: 'text', text: value }] });

/** The line that answers a call, for tools that spoil it afterwards. */
export function answerLine({ request }: Call, result: JsonObject): string {
  const complete = request.isModern ? { resultType: 'complete', ...result } : result;
  return JSON.stringify({ jsonrpc: '2.0', id: request.id, result: complete });
}

export function numberParameter({ parameters }: Call, name: string, fallback: number): number {
  const value = parameters[name];
  return typeof value === 'number' ? value : fallback;
}
