import { randomBytes } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createKey } from '@hostler/auth';

/** A configuration of Hostler, and what a client needs to call the server `echo` through it. */
export interface HostlerConfig {
  readonly file: string;
  readonly path: string;
  readonly tool: string;
  readonly key?: string;
}

/** Everything off: one server, and whoever can reach the port. */
export function writeOffConfig(directory: string, echo: object): HostlerConfig {
  const file = join(directory, 'off.json');
  writeFileSync(file, JSON.stringify({ servers: { echo } }));
  return { file, path: '/servers/echo/mcp', tool: 'echo' };
}

/** How many secrets a second server has, which every message is searched for. */
const SECRETS = 50;

/**
 * As it would be deployed: a key that is checked by its hash, a view of the tools, rates and places, a record of calls in
 * files with the default settings (so a call is not sent before its record is written), and secrets to redact.
 */
export function writeDeployedConfig(directory: string, echo: object): HostlerConfig {
  const file = join(directory, 'deployed.json');
  const { key, hash } = createKey();
  const consumer = {
    keys: [{ hash }],
    servers: ['echo'],
    deny: ['tool:echo/hidden_*'],
    limits: { calls: '9999999/s', concurrent: 1000 },
  };
  const config = {
    servers: { echo, owner: ownerOfSecrets(directory) },
    consumers: { bench: consumer },
    audit: { sinks: [{ type: 'file', directory: './audit' }] },
    state: { directory: './state' },
  };
  writeFileSync(file, JSON.stringify(config));
  return { file, path: '/mcp', tool: 'echo__echo', key };
}

/** A server that is never called and has all the secrets, in a file beside the configuration. */
function ownerOfSecrets(directory: string): object {
  const names = Array.from({ length: SECRETS }, (_, index) => `SECRET_${index}`);
  const lines = names.map((name) => `${name}=${randomBytes(24).toString('base64url')}`);
  writeFileSync(join(directory, 'secrets.env'), lines.join('\n'));
  const env = Object.fromEntries(names.map((name) => [name, { secret: `file://./secrets.env#${name}` }]));
  const program = fileURLToPath(new URL('echo-stdio.ts', import.meta.url));
  return { command: process.execPath, args: [program, '1'], env };
}
