/** What the cells need of an official client, whatever its line and era. */
export interface MatrixClient extends AsyncDisposable {
  /** Text of the first content. Rejects when the call fails. */
  call(tool: string, parameters?: Parameters, options?: CallOptions): Promise<string>;
  toolNames(): Promise<readonly string[]>;
  /** From now on: logs of this level and above. */
  setLogLevel(level: string): Promise<void>;
  /** Resolves when the server will tell of changes. */
  listen(uris: readonly string[]): Promise<void>;
  /** What came in, in order. */
  readonly received: Received;
}

export type Parameters = Readonly<Record<string, unknown>>;

export interface CallOptions {
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: number) => void;
}

export interface Received {
  /** Questions that the client was asked: `elicitation/create form`, `roots/list` … */
  readonly questions: readonly string[];
  /** What the client found wrong with what it was sent. */
  readonly troubles: readonly string[];
  /** Levels of log lines. */
  readonly logs: readonly string[];
  /** Waits until `notifications/tools/list_changed` has come so often. */
  toolChanges(count: number): Promise<void>;
  /** Waits until this resource was announced. */
  update(uri: string): Promise<void>;
}

export interface ClientOptions {
  /** Whether it declares that it can be asked. */
  readonly askable: boolean;
}

export interface ClientKind {
  readonly name: string;
  readonly era: 'legacy' | 'modern';
  connect(url: string, options: ClientOptions): Promise<MatrixClient>;
}

export const answers = {
  form: { action: 'accept' as const, content: { username: 'ada', email: 'ada@example.test' } },
  page: { action: 'accept' as const },
  completion: {
    role: 'assistant' as const,
    model: 'matrix',
    content: { type: 'text' as const, text: 'forty-two' },
  },
  roots: { roots: [{ uri: 'file:///projects/matrix', name: 'matrix' }] },
};

export const declared = {
  elicitation: { form: {}, url: {} },
  sampling: {},
  roots: {},
};

export const info = { name: 'matrix', version: '1.0.0' };
