import type { JsonObject } from './json.ts';

/** Who has to act: the caller, the operator, the owner of the upstream, or the authors of the throwing code. */
export type Fault = 'caller' | 'operator' | 'upstream' | 'bug';

export interface ErrorKind {
  /** HTTP status of the answer. */
  readonly http: number;
  /** JSON-RPC error code of the answer. */
  readonly rpc: number;
  readonly fault: Fault;
  /** Whether the same request may succeed later without a change. */
  readonly retryable: boolean;
  /** Safe to show to any caller. `{name}` is replaced from `details`. */
  readonly message: string;
}

export interface ErrorOptions {
  /** Values for the `{name}` places of the message; sent to the caller, so never a secret, path or foreign text. */
  readonly details?: JsonObject;
  /** The original error: for logs only, never sent. */
  readonly cause?: unknown;
}

const MARK: unique symbol = Symbol.for('hostler.error') as never;

/** The one error class. Its `message` and `details` are safe to send; its `cause` is not. */
export class HostlerError extends Error {
  static {
    Object.defineProperty(this.prototype, MARK, { value: true });
  }

  readonly code: string;
  readonly kind: ErrorKind;
  readonly details: JsonObject;

  constructor(code: string, kind: ErrorKind, options: ErrorOptions = {}) {
    const details = options.details ?? {};
    super(fillIn(kind.message, details), options.cause === undefined ? undefined : { cause: options.cause });
    this.name = 'HostlerError';
    this.code = code;
    this.kind = kind;
    this.details = details;
  }
}

/** True for a `HostlerError` of any copy of this package. */
export function isHostlerError(value: unknown): value is HostlerError {
  return typeof value === 'object' && value !== null && MARK in value;
}

/** A table of error kinds: `errors.NOT_FOUND({ details })` builds the error with code `PREFIX_NOT_FOUND`. */
export type ErrorTable<Names extends string> = {
  readonly [Name in Names]: ((options?: ErrorOptions) => HostlerError) & {
    readonly code: string;
    readonly kind: ErrorKind;
  };
};

/** Declares the errors of one package. Every code is `PREFIX_NAME`, upper case. */
export function defineErrors<const Names extends string>(
  prefix: string,
  kinds: Readonly<Record<Names, ErrorKind>>,
): ErrorTable<Names> {
  const table: Record<string, unknown> = {};
  for (const [name, kind] of Object.entries<ErrorKind>(kinds)) {
    const code = `${prefix}_${name}`;
    table[name] = Object.assign((options?: ErrorOptions) => new HostlerError(code, kind, options), { code, kind });
  }
  return Object.freeze(table) as ErrorTable<Names>;
}

function fillIn(message: string, details: JsonObject): string {
  return message.replaceAll(/\{(\w+)\}/g, (place, key: string) => {
    const value = Object.hasOwn(details, key) ? details[key] : undefined;
    if (value === undefined) return place;
    return typeof value === 'string' ? value : JSON.stringify(value);
  });
}
