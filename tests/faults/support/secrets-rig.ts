import { createHash } from 'node:crypto';
import { chaosServer, exchange } from '@hostler/test-kit';
import { expect } from 'vitest';
import type { ChaosHttp } from './chaos-http.ts';
import type { Clouds } from './clouds.ts';
import { listedTools } from './listed-tools.ts';
import type { Outcome } from './outcome.ts';
import { withRig } from './rig.ts';
import type { Rig, RigOptions } from './rig.ts';

export interface SecretsRigOptions extends Pick<RigOptions, 'early' | 'haste' | 'ready' | 'steady'> {
  readonly clouds: Clouds;
  /** As in the configuration file: see `stdioServer` and `httpServer`. */
  readonly servers: Readonly<Record<string, object>>;
  /** Settings of the configuration file. */
  readonly secrets?: Readonly<Record<string, unknown>>;
}

export interface SecretsRig extends Rig {
  /** SHA-256 of a variable of a server over stdio; undefined when it has none. */
  readonly digestIn: (server: string, variable?: string) => Promise<unknown>;
  /** What `/readyz` says of secrets. */
  readonly health: () => Promise<SecretsHealth>;
  /** The lines of `/metrics`. */
  readonly metrics: () => Promise<readonly string[]>;
  /** Milliseconds between the failures of a server and its next tries, as the log tells them. */
  readonly pauses: (server: string) => readonly number[];
}

export interface SecretsHealth {
  readonly stale: readonly string[];
  readonly failing: readonly string[];
  readonly rotations: readonly { readonly server: string; readonly code: string }[];
}

/** As `withRig`, with servers that use secrets; afterwards no canary may stand in anything that the host has said (I2). */
export async function withSecrets(
  options: SecretsRigOptions,
  fault: (rig: SecretsRig) => Promise<void>,
): Promise<void> {
  const { clouds, secrets, ...others } = options;
  const servers = patient(options);
  const log = { level: 'debug' };
  const config = JSON.stringify({ servers, secrets: { providers: clouds.providers, ...secrets }, log });
  const said: string[] = [];
  let logOf = (): string => '';
  const inspect = async (rig: Rig): Promise<void> => {
    said.push(...(await pagesOf(rig.served.url, Object.keys(servers))));
  };
  await withRig({ ...others, config, inspect }, (rig) => {
    logOf = rig.served.log;
    return fault(createSecretsRig(rig, said));
  });
  said.push(logOf());
  expect(clouds.canaries.filter((canary) => said.some((text) => text.includes(canary)))).toEqual([]);
}

/** However fast the host's clock runs, servers start and answer in the time of the machine: as long as by default. */
function patient({ servers, haste = 1 }: SecretsRigOptions): SecretsRigOptions['servers'] {
  const times = { startTimeout: `${30 * haste}s`, timeout: `${60 * haste}s` };
  return Object.fromEntries(Object.entries(servers).map(([name, server]) => [name, { ...times, ...server }]));
}

function createSecretsRig(rig: Rig, said: string[]): SecretsRig {
  const { served } = rig;
  const note = async (calling: Promise<Outcome>): Promise<Outcome> => {
    const outcome = await calling;
    said.push(JSON.stringify(outcome));
    return outcome;
  };
  return {
    ...rig,
    call: (...target) => note(rig.call(...target)),
    callModern: (...target) => note(rig.callModern(...target)),
    digestIn: async (server, variable = 'TOKEN') =>
      (await note(rig.callModern(server, 'digest-env'))).structured?.[variable],
    health: async () =>
      (JSON.parse((await exchange(`${served.url}/readyz`)).text) as { secrets: SecretsHealth }).secrets,
    metrics: async () => (await exchange(`${served.url}/metrics`)).text.split('\n'),
    pauses: (server) => served.log().split('\n').flatMap(pauseOf(server)),
  };
}

function pauseOf(server: string): (line: string) => readonly number[] {
  return (line) => {
    if (!line.includes(`"server":"${server}"`) || !line.includes('"retryIn"')) return [];
    return [(JSON.parse(line) as { retryIn: number }).retryIn];
  };
}

/** Whatever the host tells of itself and of its servers without being called. */
async function pagesOf(url: string, servers: readonly string[]): Promise<readonly string[]> {
  const paths = ['livez', 'readyz', 'healthz', 'metrics', 'v1/secrets', 'v1/servers', 'v1/info'];
  const pages = paths.map(async (path) => {
    const { status, text } = await exchange(`${url}/${path}`);
    expect([path, status]).not.toEqual([path, 404]);
    return text;
  });
  const lists = ['mcp', ...servers.map((name) => `servers/${name}/mcp`)].map(async (path) =>
    JSON.stringify(await listedTools(`${url}/${path}`)),
  );
  return Promise.all([...pages, ...lists]);
}

export interface Use {
  readonly secret: string;
  readonly optional?: boolean;
  readonly format?: string;
}

/** A chaos server over stdio with these secrets in its environment. */
export function stdioServer(env: Readonly<Record<string, Use>>, ...parameters: readonly string[]): object {
  return { ...chaosServer(...parameters), cwd: process.cwd(), env };
}

/** A server over HTTP that is sent these secrets in its headers; the name tells it from others of the same process. */
export function httpServer(
  { url }: { readonly url: string },
  name: string,
  headers: Readonly<Record<string, Use>>,
): object {
  return { url: `${url}/ok-json?server=${name}`, headers };
}

/** For servers that are not to be reached. */
export const NOWHERE = { url: 'http://127.0.0.1:9' };

/** The values of a header that the server of this name was sent, each once. */
export async function headersSeen(
  { url }: ChaosHttp,
  name: string,
  header = 'authorization',
): Promise<readonly string[]> {
  const seen = JSON.parse((await exchange(`${url}/requests`)).text) as { url: string; headers: string[] }[];
  const values = seen
    .filter((request) => request.url.endsWith(`?server=${name}`))
    .map(({ headers }) => headers[headers.findIndex((each) => each.toLowerCase() === header) + 1] ?? '');
  return [...new Set(values)];
}

export const sha256 = (text: string | Uint8Array): string => createHash('sha256').update(text).digest('hex');
