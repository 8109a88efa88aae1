import { startClouds } from '../faults/support/clouds.ts';
import { startChaosHttp } from '../faults/support/chaos-http.ts';
import { headersSeen, httpServer, sha256, stdioServer } from '../faults/support/secrets-rig.ts';
import type { Use } from '../faults/support/secrets-rig.ts';
import { callStateless } from '../faults/support/outcome.ts';
import { servePlan } from '../serve.ts';

export interface SecretsStart {
  /** Milliseconds from the plan to the end of the start; compilation of the client library included. */
  readonly ready: number;
  /** The same of the host alone, without secrets. */
  readonly bare: number;
  readonly up: number;
  readonly references: number;
  /** Requests that the backend got, and the most at a time. */
  readonly reads: number;
  readonly mostAtOnce: number;
  /** Values that did not arrive where they belong. */
  readonly wrong: readonly string[];
}

export interface SecretsStartOptions {
  readonly backend: 'gcp' | 'aws';
  /** Of each kind: over stdio and over HTTP. */
  readonly servers: number;
  /** Milliseconds that the backend takes for each answer. */
  readonly delay: number;
}

const KEYS = ['user', 'password', 'token'] as const;

/** Starts a host whose servers use three keys of a secret each. */
export async function startWithSecrets({ backend, servers, delay }: SecretsStartOptions): Promise<SecretsStart> {
  await using clouds = await startClouds({ delay });
  await using chaos = await startChaosHttp();
  const numbers = Array.from({ length: servers }, (_, index) => index);
  const plan: Record<string, object> = {};
  const plain: Record<string, object> = {};
  const values = new Map<string, string>();
  for (const name of numbers.flatMap((index) => [`stdio-${index}`, `http-${index}`])) {
    const secret = Object.fromEntries(KEYS.map((key) => [key, clouds.canary()]));
    for (const [key, value] of Object.entries(secret)) values.set(`${name} ${key}`, value);
    const reference = await clouds.set(backend, name, JSON.stringify(secret));
    const uses: Record<string, Use> = Object.fromEntries(
      KEYS.map((key) => [`x-${key}`, { secret: `${reference}#${key}` }]),
    );
    const isStdio = name.startsWith('stdio');
    const env = Object.fromEntries(Object.entries(uses).map(([header, use]) => [header.slice(2).toUpperCase(), use]));
    plan[name] = isStdio ? stdioServer(env) : httpServer(chaos, name, uses);
    plain[name] = isStdio ? stdioServer({}) : httpServer(chaos, `plain-${name}`, {});
  }
  const bare = await timeOfStart(plain, {}, async () => undefined);
  let up = 0;
  let references = 0;
  const wrong: string[] = [];
  const ready = await timeOfStart(plan, { providers: clouds.providers }, async ({ runtime, url }) => {
    up = runtime.readiness().servers.filter(({ status }) => status === 'up').length;
    references = runtime.secrets.list().length;
    for (const [place, value] of values) {
      const [name = '', key = ''] = place.split(' ');
      const target = { server: name, tool: 'digest-env', parameters: {} };
      const arrived = name.startsWith('stdio')
        ? (await callStateless(`${url}/servers/${name}/mcp`, target)).structured?.[key.toUpperCase()] === sha256(value)
        : (await headersSeen(chaos, name, `x-${key}`)).join() === value;
      if (!arrived) wrong.push(place);
    }
  });
  const reads = backend === 'gcp' ? clouds.gcp.reads.length : clouds.aws.reads();
  const mostAtOnce = backend === 'gcp' ? clouds.gcp.mostRunning() : clouds.aws.maximumConcurrency();
  return { ready, bare, up, references, reads, mostAtOnce, wrong };
}

async function timeOfStart(
  servers: Readonly<Record<string, object>>,
  secrets: object,
  look: (served: Awaited<ReturnType<typeof servePlan>>) => Promise<void>,
): Promise<number> {
  const begun = performance.now();
  const served = await servePlan([], { config: JSON.stringify({ servers, secrets }) });
  const elapsed = performance.now() - begun;
  try {
    await look(served);
  } finally {
    await served.close();
  }
  return Math.round(elapsed);
}
