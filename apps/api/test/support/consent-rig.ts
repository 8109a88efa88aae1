import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createHttpEndpoint } from '@hostler/endpoint';
import type { Caller } from '@hostler/endpoint';
import { createHost } from '@hostler/host';
import type { HostOptions } from '@hostler/host';
import { defineErrors, Payload } from '@hostler/kernel';
import type { Clock, Exchange, HttpSpec, JsonObject, Outcome, UpstreamSpec } from '@hostler/kernel';
import { createPool } from '@hostler/upstream';
import type { Connect, Connection, ServerTokens } from '@hostler/upstream';

/** What OAuth does, without OAuth: users agree when the test says so. */
export interface ConsentRig extends AsyncDisposable {
  readonly url: string;
  /** Servers of which lists were looked for, or put, where they are kept for the next run. */
  readonly stored: readonly string[];
  agree(user: string): void;
  deny(user: string): void;
}

export interface ConsentRigOptions {
  /** Milliseconds of one call. */
  readonly callTimeout?: number;
  readonly viewOf?: NonNullable<HostOptions['viewOf']>;
}

const { CONSENT_REQUIRED, CONSENT_DENIED } = defineErrors('OAUTH', {
  CONSENT_REQUIRED: { http: 403, rpc: -32042, fault: 'caller', retryable: true, message: 'Sign in first.' },
  CONSENT_DENIED: { http: 403, rpc: -32013, fault: 'caller', retryable: false, message: 'It was denied.' },
});

const silent = (): void => undefined;
const log = { debug: silent, info: silent, warn: silent, error: silent };

const clock: Clock = {
  now: () => performance.now(),
  after(delay, callback) {
    const timer = setTimeout(callback, delay);
    timer.unref();
    return () => clearTimeout(timer);
  },
};

/** A host with one server, `far`, that each of its users has to sign in to. Who asks stands in the header `x-user`. */
export async function startConsentRig(options: ConsentRigOptions = {}): Promise<ConsentRig> {
  const agreed = new Map<string, PromiseWithResolvers<void>>();
  const isGiven = new Set<string>();
  const waitOf = (user: string): PromiseWithResolvers<void> => {
    const known = agreed.get(user) ?? Promise.withResolvers<void>();
    known.promise.catch(silent);
    agreed.set(user, known);
    return known;
  };
  const connect: Connect = ({ consumer }) => {
    const user = consumer?.identity?.subject ?? '';
    const details = { url: `https://login.example.com/?user=${user}`, elicitationId: `consent-of-${user}` };
    return isGiven.has(user) ? Promise.resolve(connectionOf(user)) : Promise.reject(CONSENT_REQUIRED({ details }));
  };
  const tokens: Pick<ServerTokens, 'consented'> = {
    consented: (id, signal) => Promise.race([waitOf(id.slice('consent-of-'.length)).promise, aborted(signal)]),
  };
  const connectors = { stdio: connect, http: connect, websocket: connect, 'in-process': connect };
  const secrets = { resolve: () => Promise.reject(new Error('no secrets here')), expire: silent };
  const pool = createPool({ specs: [specOf(options)], log, clock, secrets, connectors });
  const stored: string[] = [];
  const note = ({ name }: UpstreamSpec): Promise<undefined> => Promise.resolve(void stored.push(name));
  const store = { load: note, save: note };
  const { viewOf } = options;
  const host = createHost({ pool, log, clock, tokens, store, ...(viewOf && { viewOf }) });
  const endpoint = createHttpEndpoint({ host, clock, log });
  const server = createServer((request, response) => {
    const name = /^\/servers\/([^/]+)/.exec(request.url ?? '')?.[1];
    const identity = { method: 'jwt', issuer: 'i', subject: String(request.headers['x-user']) };
    const scope: Caller['scope'] = name === undefined ? { kind: 'all' } : { kind: 'server', name };
    void endpoint.serve(request, response, { scope, consumer: { name: 'people', identity } });
  });
  await pool.start();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    stored,
    agree(user) {
      isGiven.add(user);
      waitOf(user).resolve();
    },
    deny: (user) => waitOf(user).reject(CONSENT_DENIED()),
    async [Symbol.asyncDispose]() {
      await endpoint.close(0);
      await host.close();
      await pool.close();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function specOf({ callTimeout = 5_000 }: ConsentRigOptions): UpstreamSpec {
  const transport: HttpSpec = { kind: 'http', url: 'https://far', headers: {}, oauth: { grant: 'authorization-code' } };
  const times = { startTimeout: 5_000, callTimeout };
  return { name: 'far', transport, era: 'auto', interactive: true, required: false, ...times };
}

function connectionOf(user: string): Connection {
  const answers: Readonly<Record<string, (params: JsonObject) => JsonObject>> = {
    'tools/list': () => ({ tools: [{ name: 'whoami', inputSchema: { type: 'object' } }] }),
    'tools/call': () => ({ content: [], structuredContent: { user } }),
  };
  const request = ({ request: { method, params } }: Exchange): Promise<Outcome> => {
    const result = answers[method]?.(params);
    const payload = Payload.of(result ?? { code: -32601, message: 'no' });
    return Promise.resolve({ kind: result === undefined ? 'error' : 'result', era: 'legacy', payload });
  };
  const capabilities = { tools: { listChanged: true } };
  const info = { name: `far of ${user}`, version: '1' };
  return {
    era: 'legacy',
    server: { era: 'legacy', revisions: ['2025-11-25'], info, capabilities },
    request,
    notify: silent,
    close: () => Promise.resolve(),
  };
}

function aborted(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason), { once: true }));
}
