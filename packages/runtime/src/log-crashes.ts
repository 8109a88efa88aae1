import type { Logger } from '@hostler/kernel';

/** The part of `process` that knows of errors which nobody caught. */
export interface CrashSource {
  on(event: 'uncaughtException', listener: (error: unknown) => void): unknown;
  exit(code: number): unknown;
}

/**
 * Ends the process at an error that nobody caught, as Node does, but with a line in the log, where secrets are masked:
 * Node writes the error, and the line of code that threw it, as they are.
 */
export function logCrashes(source: CrashSource, log: Logger): void {
  source.on('uncaughtException', (error) => {
    log.error({ error }, 'an error was caught by nobody: the process ends');
    source.exit(1);
  });
}
