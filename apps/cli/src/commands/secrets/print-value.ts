import type { JsonObject } from '@hostler/kernel';
import type { Secret } from '@hostler/secrets';
import type { Cli } from '../../cli.ts';

/**
 * The one thing a command prints that is not masked: a value that a person has asked for with `--reveal`. Into a pipe it
 * goes byte for byte.
 */
export function printValue({ context, output }: Cli, secret: Secret, about: JsonObject): void {
  const value = secret.reveal();
  const text = output.isJson ? `${JSON.stringify({ ...about, value })}\n` : `${value}${output.isTerminal ? '\n' : ''}`;
  context.stdout.write(text);
}
