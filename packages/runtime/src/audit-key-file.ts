import { randomBytes } from 'node:crypto';
import { mkdir, open, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { HostPlan } from '@hostler/config';
import { stateDirectory } from './state-directory.ts';

const NAME = 'audit.key';
const BYTES = 32;

/** Makes one when there is none yet. @throws AUDIT_KEY */
export async function ownAuditKey(directory: string | undefined): Promise<Uint8Array> {
  if (directory === undefined) {
    throw await keyError(
      'there is no state folder to keep one in. Name one in state.directory, or a key in audit.key.',
    );
  }
  const path = join(directory, NAME);
  try {
    await mkdir(directory, { recursive: true, mode: 0o700 });
    await make(path);
    return await readAuditKeyFile(path);
  } catch (cause) {
    const code = cause instanceof Error && 'code' in cause ? String(cause.code) : 'unreadable';
    throw await keyError(`${NAME} in the state folder: ${code}.`, cause);
  }
}

/** A host without a record loads none of what writes one. */
async function keyError(problem: string, cause?: unknown): Promise<Error> {
  const { auditErrors } = await import('@hostler/audit');
  return auditErrors.KEY({ details: { problem }, ...(cause !== undefined && { cause }) });
}

/** @throws what the file system throws, and AUDIT_KEY when it is no key */
async function readAuditKeyFile(path: string): Promise<Uint8Array> {
  const bytes = Buffer.from((await readFile(path, 'utf8')).trim(), 'hex');
  if (bytes.length === BYTES) return bytes;
  throw await keyError('it is not complete.');
}

/** Whole before it has its name: another process may look for it at the same moment. */
async function make(path: string): Promise<void> {
  try {
    const file = await open(path, 'wx', 0o600);
    try {
      await file.writeFile(`${randomBytes(BYTES).toString('hex')}\n`);
      await file.sync();
    } finally {
      await file.close();
    }
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error;
  }
}

/** The key that the host of a plan has made for itself; undefined where there is none, or nobody may read it. */
export async function readOwnAuditKey(
  plan: Pick<HostPlan, 'stateDirectory' | 'source'>,
  environment: Readonly<Record<string, string | undefined>>,
): Promise<Uint8Array | undefined> {
  const directory = stateDirectory(plan, environment);
  return directory === undefined ? undefined : readAuditKeyFile(join(directory, NAME)).catch(() => undefined);
}
