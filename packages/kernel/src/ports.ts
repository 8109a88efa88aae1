/** Where log records go. `fields` are plain data; the sink redacts. */
export interface Logger {
  debug(fields: object, message: string): void;
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
}

/** Time, as an argument: the real one in production, a driven one in tests. */
export interface Clock {
  /** Milliseconds that never go backwards; only differences mean anything. */
  now(): number;
  /** Calls back once after the delay in milliseconds, unless the returned function is called first. Keeps no process alive. */
  after(delay: number, callback: () => void): () => void;
}
