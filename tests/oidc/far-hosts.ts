import { randomBytes } from 'node:crypto';
import { tmpdir } from 'node:os';
import { fileURLToPath } from 'node:url';
import { createKey } from '@hostler/auth';
import type { JsonObject } from '@hostler/kernel';
import { readPlan, servePlan } from '../serve.ts';
import type { Served } from '../serve.ts';
import { MACHINE, SCOPE } from './openid-provider.ts';

const EVERYTHING = fileURLToPath(
  new URL('../node_modules/@modelcontextprotocol/server-everything/dist/index.js', import.meta.url),
);

/** A host that takes the tokens of an issuer: Ada may use one of its tools, Bob another one. */
export async function serveFar(issuer: string): Promise<Served> {
  const served = await servePlan([], { config: farConfig(issuer, 'http://127.0.0.1/mcp') });
  // Its port is known only now.
  await served.runtime.apply(await readPlan(farConfig(issuer, `${served.url}/mcp`)));
  return served;
}

function farConfig(issuer: string, resource: string): string {
  const person = (sub: string, tool: string): object => ({
    tokens: [{ issuer: 'company', claims: { sub } }],
    allow: [`tool:everything/${tool}`],
  });
  return JSON.stringify({
    servers: { everything: { command: process.execPath, args: [EVERYTHING, 'stdio'], cwd: tmpdir() } },
    auth: { resource, issuers: { company: { issuer, algorithms: ['RS256'], scopes: [SCOPE] } } },
    consumers: {
      ada: person('ada', 'echo'),
      bob: person('bob', 'get-sum'),
      machine: person(MACHINE.id, 'get-tiny-image'),
    },
    log: { level: 'debug' },
  });
}

export interface NearHost extends Served {
  /** Of the consumers `ada`, `bob` and `operator`. */
  readonly keys: Readonly<Record<string, string>>;
}

export interface NearSettings {
  /** Where it keeps the tokens of users. */
  readonly directory: string;
  readonly servers: JsonObject;
  readonly more?: JsonObject;
  readonly keys?: Readonly<Record<string, string>>;
}

/** The host whose servers want tokens. */
export async function serveNear({ directory, servers, more = {}, keys = newKeys() }: NearSettings): Promise<NearHost> {
  const consumers = Object.fromEntries(
    Object.keys(keys).map((name) => [
      name,
      { keys: [{ secret: `env://KEY_${name.toUpperCase()}` }], ...(name === 'operator' && { roles: ['operator'] }) },
    ]),
  );
  const secrets = Object.fromEntries(Object.entries(keys).map(([name, key]) => [`KEY_${name.toUpperCase()}`, key]));
  const config = JSON.stringify({
    servers,
    consumers,
    state: { directory },
    secrets: { local: { file: `${directory}/vault`, key: { secret: 'env://VAULT_KEY' } } },
    log: { level: 'debug' },
    ...more,
  });
  const environment = { ...process.env, ...secrets, VAULT_KEY: VAULT, MACHINE_SECRET: MACHINE.secret };
  return { ...(await servePlan([], { config, environment })), keys };
}

const VAULT = `base64:${randomBytes(32).toString('base64')}`;

function newKeys(): Readonly<Record<string, string>> {
  return Object.fromEntries(['ada', 'bob', 'operator'].map((name) => [name, createKey().key]));
}

/** Another one, whose consumers show tokens of that issuer themselves. */
export async function serveExchanging(issuer: string, servers: JsonObject): Promise<NearHost> {
  const configOf = (resource: string): string =>
    JSON.stringify({
      servers,
      auth: { resource, issuers: { company: { issuer, algorithms: ['RS256'], scopes: [SCOPE] } } },
      consumers: Object.fromEntries(
        ['ada', 'bob'].map((sub) => [sub, { tokens: [{ issuer: 'company', claims: { sub } }] }]),
      ),
      log: { level: 'debug' },
    });
  const environment = { ...process.env, MACHINE_SECRET: MACHINE.secret };
  const served = await servePlan([], { config: configOf('http://127.0.0.1/mcp'), environment });
  await served.runtime.apply(await readPlan(configOf(`${served.url}/mcp`)));
  return { ...served, keys: {} };
}
