import type { LogLevel, LogModule, LogSpec } from '@hostler/config';
import type { Logger } from '@hostler/kernel';
import { isHostlerError } from '@hostler/kernel';
import { redactLikely } from '@hostler/secrets';
import type { Redactor } from '@hostler/secrets';
import { pino } from 'pino';
import type { Logger as PinoLogger } from 'pino';

export interface LogsOptions {
  readonly levels: LogSpec;
  readonly destination: NodeJS.WritableStream;
  /** Applied to every finished line, so that no call site can forget it. */
  readonly redactor: Redactor;
}

/** The records of all parts of the host, each of which names its part in `module`. */
export interface Logs {
  of(module: LogModule): Logger;
  /** The least severe records that are written at the moment. */
  levels(): LogSpec;
  change(levels: LogSpec): void;
}

/** JSON lines, one a record: secrets masked by value, and what only looks like one by its name or its shape. */
export function createLogs({ levels: first, destination, redactor }: LogsOptions): Logs {
  let levels = first;
  const root = pino(
    { level: first.level, base: null, timestamp: pino.stdTimeFunctions.isoTime, serializers: { error: describeError } },
    { write: (line: string) => void destination.write(redactLikely(redactor.redact(line))) },
  );
  const parts = new Map<LogModule, PinoLogger>();
  const levelOf = (module: LogModule): LogLevel => levels.modules[module] ?? levels.level;
  return {
    of(module) {
      const known = parts.get(module);
      if (known !== undefined) return known;
      const part = root.child({ module }, { level: levelOf(module) });
      parts.set(module, part);
      return part;
    },
    levels: () => levels,
    change(next) {
      levels = next;
      for (const [module, part] of parts) part.level = levelOf(module);
    },
  };
}

/** What a log may show of an error: not every property, since those of failed spawns hold whole command lines. */
function describeError(error: unknown): unknown {
  return describe(error, { depth: 0, withStack: true, withForeignText: true });
}

interface Description {
  readonly depth: number;
  readonly withStack: boolean;
  /** Below the failure of a secret others may quote what they were about to give, and nobody could know it for one. */
  readonly withForeignText: boolean;
}

function describe(error: unknown, { depth, withStack, withForeignText }: Description): unknown {
  const isOwn = isHostlerError(error);
  const showsText = withForeignText || isOwn;
  if (!(error instanceof Error) && !isOwn) return showsText ? { message: String(error) } : { name: typeof error };
  const { name, message, stack, cause } = error;
  const code: unknown = 'code' in error ? error.code : undefined;
  // A server that is down is no defect: where in the code it was noticed, and what noticed it there, helps nobody.
  const isExpected = isOwn && error.kind.fault !== 'bug';
  const showsStack = withStack && !isExpected && showsText;
  const ofCause: Description = {
    depth: depth + 1,
    withStack: showsStack,
    withForeignText: withForeignText && !isOfSecret(error),
  };
  return {
    name,
    ...(showsText ? { message } : {}),
    ...(code === undefined ? {} : { code }),
    ...(showsStack ? { stack } : {}),
    ...(cause === undefined || depth > 4 ? {} : { cause: describe(cause, ofCause) }),
  };
}

function isOfSecret(error: unknown): boolean {
  return isHostlerError(error) && error.code.startsWith('SECRET_');
}
