import { lstat } from 'node:fs/promises';
import { connect, createServer } from 'node:net';
import type { ListenOptions } from 'node:net';
import { bindAddress } from '@hostler/api';
import type { HostPlan } from '@hostler/config';
import { isHostlerError } from '@hostler/kernel';
import { shownPath } from '../problems.ts';
import type { Check } from './check.ts';

const OLDEST_NODE = 24;

export function checkNode(version: string): Check {
  const major = Number(/^\d+/.exec(version)?.[0]);
  if (major >= OLDEST_NODE) return { name: 'node', status: 'ok', message: version };
  return {
    name: 'node',
    status: 'failed',
    message: `${version} is too old`,
    mend: `Install Node.js ${OLDEST_NODE} or newer.`,
  };
}

/** Whether it can be listened on where the configuration says. */
export function checkListen(plan: HostPlan, cwd: string): Promise<Check> {
  const { listen } = plan;
  return listen.socket === undefined ? checkPort(plan) : checkSocket(listen.socket, shownPath(listen.socket, cwd));
}

/**
 * Whether the address may be listened on, and, for a moment, whether the port can. That it is taken is no failure: `run`
 * takes the next free one.
 */
async function checkPort(plan: HostPlan): Promise<Check> {
  const { host, port } = plan.listen;
  try {
    bindAddress(host, plan);
  } catch (error) {
    if (!isHostlerError(error)) throw error;
    return { name: 'port', status: 'failed', message: error.message };
  }
  if (port === 0) return { name: 'port', status: 'ok', message: 'any free one' };
  const reason = await bindOnce({ host, port });
  if (reason === undefined) return { name: 'port', status: 'ok', message: `${port} on ${host} is free` };
  return {
    name: 'port',
    status: reason === 'EADDRINUSE' ? 'warning' : 'failed',
    message: reason === 'EADDRINUSE' ? `${port} on ${host} is taken` : `${port} on ${host} cannot be used (${reason})`,
    mend: 'Stop the program that uses it, or set listen.port, or run with --port.',
  };
}

async function checkSocket(path: string, shown: string): Promise<Check> {
  const reason = await bindOnce({ path });
  // `run` replaces a socket that a killed host left behind.
  if (reason === undefined || (reason === 'EADDRINUSE' && (await isLeftBehind(path)))) {
    return { name: 'socket', status: 'ok', message: `${shown} is free` };
  }
  return {
    name: 'socket',
    status: reason === 'EADDRINUSE' ? 'warning' : 'failed',
    message: reason === 'EADDRINUSE' ? `${shown} is taken` : `${shown} cannot be used (${reason})`,
    mend: 'Stop the program that uses it, or set listen.socket to a path in a folder that you may write to.',
  };
}

async function isLeftBehind(path: string): Promise<boolean> {
  const status = await lstat(path).catch(() => undefined);
  if (status?.isSocket() !== true) return false;
  return new Promise((resolve) => {
    const probe = connect(path, () => {
      probe.destroy();
      resolve(false);
    });
    probe.once('error', (error) => resolve('code' in error && error.code === 'ECONNREFUSED'));
  });
}

function bindOnce(address: ListenOptions): Promise<string | undefined> {
  const server = createServer();
  return new Promise((resolve) => {
    server.once('error', (error) => resolve('code' in error ? String(error.code) : error.message));
    server.listen({ ...address, exclusive: true }, () => server.close(() => resolve(undefined)));
  });
}
