import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import type { CliContext } from './context.ts';
import { cliErrors } from './errors.ts';

export interface HostKeyFlags {
  /** A file that holds the key. */
  readonly keyFile?: string;
}

/**
 * The key that a running host is shown: that of the file, else HOSTLER_KEY. There is no flag for the key itself: the list
 * of processes and the history of the shell would keep it.
 * @throws CLI_USAGE, which never repeats what may be a key
 */
export async function readHostKey(context: CliContext, { keyFile }: HostKeyFlags): Promise<string | undefined> {
  if (keyFile !== undefined) return checked(await contentOf(context, keyFile), keyFile);
  const key = context.environment['HOSTLER_KEY'];
  return key === undefined || key === '' ? undefined : checked(key, 'HOSTLER_KEY');
}

async function contentOf({ workingDirectory }: CliContext, file: string): Promise<string> {
  try {
    return (await readFile(resolve(workingDirectory, file), 'utf8')).trim();
  } catch (cause) {
    const reason = cause instanceof Error && 'code' in cause ? String(cause.code) : 'no reason is given';
    throw cliErrors.USAGE({ details: { problem: `The key cannot be read from ${file}: ${reason}.` }, cause });
  }
}

/** What the host takes as a credential: visible ASCII, not more of it than a header of 8 KiB holds. */
const BEARER = /^[\x21-\x7e]{1,8000}$/;

function checked(key: string, source: string): string {
  if (BEARER.test(key)) return key;
  throw cliErrors.USAGE({
    details: { problem: `${source} holds no key: a key or token is one word. Make one with hostler keys create.` },
  });
}
