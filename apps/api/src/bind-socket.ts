import { chmod, lstat, stat, unlink } from 'node:fs/promises';
import { connect } from 'node:net';
import type { Server } from 'node:net';
import { dirname } from 'node:path';
import process from 'node:process';
import { apiErrors } from './errors.ts';
import { systemCode } from './system-code.ts';

/** Only the user that runs the host may connect. */
const OWNER_ONLY = 0o600;

/**
 * Listens on a unix socket. One that a host left behind when it was killed is replaced; anything else is left alone.
 * @throws API_SOCKET_IN_USE, API_SOCKET_UNUSABLE
 */
export async function bindSocket(server: Server, path: string): Promise<void> {
  await removeStale(path);
  try {
    await listenPrivately(server, path);
    await chmod(path, OWNER_ONLY);
  } catch (error) {
    throw systemCode(error) === 'EADDRINUSE' ? inUse(path, error) : unusable(path, reasonOf(error), error);
  }
}

async function removeStale(path: string): Promise<void> {
  // To `listen`, a missing folder is a lack of permission.
  if (!(await isFolder(dirname(path)))) throw unusable(path, 'its folder does not exist');
  try {
    const status = await lstat(path);
    if (!status.isSocket()) throw unusable(path, 'there is something else at this path');
    if (await isAnswered(path)) throw inUse(path);
    await unlink(path);
  } catch (error) {
    const code = systemCode(error);
    if (code === 'ENOENT') return;
    throw typeof code === 'string' && code.startsWith('API_') ? error : unusable(path, reasonOf(error), error);
  }
}

async function isFolder(path: string): Promise<boolean> {
  return stat(path).then(
    (found) => found.isDirectory(),
    () => false,
  );
}

/** @throws what the operating system says when it is unknown */
function isAnswered(path: string): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const probe = connect(path);
    probe.once('connect', () => {
      probe.destroy();
      resolve(true);
    });
    probe.once('error', (error) => (systemCode(error) === 'ECONNREFUSED' ? resolve(false) : reject(error)));
  });
}

/** The socket comes into being with its permissions: between its creation and a change nobody else may slip in. */
function listenPrivately(server: Server, path: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject).once('listening', () => {
      server.off('error', reject);
      resolve();
    });
    // `listen` creates the file before it returns.
    const before = process.umask(0o777 & ~OWNER_ONLY);
    try {
      server.listen({ path, exclusive: true });
    } finally {
      process.umask(before);
    }
  });
}

function inUse(path: string, cause?: unknown): Error {
  return apiErrors.SOCKET_IN_USE({ details: { path }, cause });
}

function unusable(path: string, reason: string, cause?: unknown): Error {
  return apiErrors.SOCKET_UNUSABLE({ details: { path, reason }, cause });
}

function reasonOf(error: unknown): string {
  switch (systemCode(error)) {
    case 'EACCES':
    case 'EPERM':
      return 'permission denied';
    case 'EINVAL':
    case 'ENAMETOOLONG':
      return 'the path is too long for a socket';
    default:
      return 'the operating system refuses';
  }
}
