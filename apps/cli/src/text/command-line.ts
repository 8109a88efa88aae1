import { spelledOut } from './printable.ts';

/** A command as a POSIX shell would be given it: whole, unambiguous, nothing invisible in it. */
export function commandLine(command: string, args: readonly string[]): string {
  return [command, ...args].map(quote).join(' ');
}

function quote(word: string): string {
  if (spelledOut(word) !== word) {
    // ANSI-C quoting, which says what no terminal shows (POSIX.1-2024, shell 2.2.4).
    return `$'${spelledOut(word.replaceAll('\\', String.raw`\\`).replaceAll("'", String.raw`\'`))}'`;
  }
  return /^[\w@%+=:,./~-]+$/.test(word) ? word : `'${word.replaceAll("'", String.raw`'\''`)}'`;
}
