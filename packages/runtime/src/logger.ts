import type { Logger } from '@hostler/kernel';
import { isHostlerError } from '@hostler/kernel';
import type { Redactor } from '@hostler/secrets';
import { pino } from 'pino';

export interface LoggerOptions {
  readonly level: string;
  readonly destination: NodeJS.WritableStream;
  /** Applied to every finished line, so that no call site can forget it. */
  readonly redactor: Redactor;
}

/** JSON lines, one a record, secrets masked by value. */
export function createLogger({ level, destination, redactor }: LoggerOptions): Logger {
  return pino(
    { level, base: null, timestamp: pino.stdTimeFunctions.isoTime, serializers: { error: describeError } },
    { write: (line: string) => void destination.write(redactor.redact(line)) },
  );
}

/** What a log may show of an error: not every property, since those of failed spawns hold whole command lines. */
function describeError(error: unknown, depth = 0): unknown {
  if (!(error instanceof Error) && !isHostlerError(error)) return { message: String(error) };
  const { name, message, stack, cause } = error;
  const code: unknown = 'code' in error ? error.code : undefined;
  return {
    name,
    message,
    ...(code === undefined ? {} : { code }),
    stack,
    ...(cause === undefined || depth > 4 ? {} : { cause: describeError(cause, depth + 1) }),
  };
}
