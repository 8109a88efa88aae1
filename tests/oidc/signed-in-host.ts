import { tmpdir } from 'node:os';
import { fileURLToPath } from 'node:url';
import type { Clock } from '@hostler/kernel';
import { readPlan, servePlan } from '../serve.ts';
import type { Served } from '../serve.ts';
import { SCOPE } from './openid-provider.ts';

const EVERYTHING = fileURLToPath(
  new URL('../node_modules/@modelcontextprotocol/server-everything/dist/index.js', import.meta.url),
);

export interface SignedInHost extends Served {
  /** The URL for which tokens are issued. */
  readonly resource: string;
  /** Milliseconds that have passed for the host all at once. */
  skip(time: number): void;
}

/** A host with a server of others, which takes the tokens of one issuer for `person`, and a second consumer with none. */
export async function serveSignedIn(issuer: string): Promise<SignedInHost> {
  let skipped = 0;
  const clock: Clock = {
    now: () => performance.now() + skipped,
    after(delay, callback) {
      const timer = setTimeout(callback, delay);
      return () => clearTimeout(timer);
    },
  };
  const served = await servePlan([], { config: configOf(issuer, 'http://127.0.0.1/mcp'), clock });
  const resource = `${served.url}/mcp`;
  // Its port is known only now.
  await served.runtime.apply(await readPlan(configOf(issuer, resource)));
  return { ...served, resource, skip: (time) => void (skipped += time) };
}

function configOf(issuer: string, resource: string): string {
  return JSON.stringify({
    servers: { everything: { command: process.execPath, args: [EVERYTHING, 'stdio'], cwd: tmpdir() } },
    auth: { resource, issuers: { company: { issuer, algorithms: ['RS256'], scopes: [SCOPE] } } },
    consumers: { person: { tokens: [{ issuer: 'company', claims: { sub: 'ada' } }], allow: ['tool:everything/echo'] } },
    log: { level: 'debug' },
  });
}
