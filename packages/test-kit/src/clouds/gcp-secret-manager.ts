import { listenGrpc } from './gcp-grpc-server.ts';
import type { GcpCertificate, GcpListener } from './gcp-grpc-server.ts';
import { listenRest } from './gcp-rest-server.ts';
import { GcpSecretStore } from './gcp-secret-store.ts';
import type { GcpFault, GcpRead } from './gcp-secret-store.ts';

export interface GcpSecretManagerOptions {
  /** Project of secrets that are named without one. */
  readonly project?: string;
  /** Milliseconds before every answer. */
  readonly delay?: number;
  /** Serves both transports over TLS. */
  readonly tls?: GcpCertificate;
  /** The only access token that it accepts; absent: requests need none. */
  readonly token?: string;
  /** Added to the text of every refusal and failure. */
  readonly replyText?: string;
}

/**
 * A stand-in of Google Cloud Secret Manager that reads secrets out over the real protocols. Secrets are named
 * `projects/P/secrets/S`, `projects/P/locations/L/secrets/S`, or `S` in the project of the options.
 */
export interface GcpSecretManager extends AsyncDisposable {
  readonly project: string;
  /** `host:port` of gRPC. */
  readonly grpc: string;
  /** `host:port` of REST. */
  readonly rest: string;
  /** Adds a version and gives its number. */
  set(secret: string, value: string | Uint8Array): number;
  alias(secret: string, alias: string, version: number): void;
  disable(secret: string, version: number): void;
  destroy(secret: string, version: number): void;
  fail(secret: string, fault: GcpFault): void;
  /** No answer before this promise has resolved. */
  hold(secret: string, until: Promise<void>): void;
  /** Answers with another secret in the place of this one. */
  swap(secret: string, other: string): void;
  /** Ends what `fail`, `hold` and `swap` began. */
  heal(secret: string): void;
  /** Every request so far. */
  readonly reads: readonly GcpRead[];
  /** The next request that comes. */
  nextRead(): Promise<GcpRead>;
  /** Requests that are being answered, and the most there ever were. */
  running(): number;
  mostRunning(): number;
  /** An outage: connections end and new ones are refused. */
  stop(): Promise<void>;
  /** The end of it, on the same ports. */
  start(): Promise<void>;
}

export async function startGcpSecretManager(options: GcpSecretManagerOptions = {}): Promise<GcpSecretManager> {
  const { project = 'test-project', delay = 0, replyText = '', token, tls } = options;
  const store = new GcpSecretStore();
  store.delay = delay;
  store.token = token;
  store.replyText = replyText;
  const ports = { grpc: 0, rest: 0 };
  const listeners: GcpListener[] = [];
  const stop = async (): Promise<void> => {
    await Promise.all(listeners.splice(0).map((listener) => listener.stop()));
  };
  const start = async (): Promise<void> => {
    if (listeners.length > 0) return;
    const grpc = await listenGrpc(store, { port: ports.grpc, tls });
    const rest = await listenRest(store, { port: ports.rest, tls });
    listeners.push(grpc, rest);
    Object.assign(ports, { grpc: grpc.port, rest: rest.port });
  };
  await start();
  const find = (name: string) => store.secret(name.includes('/') ? name : `projects/${project}/secrets/${name}`);
  const setState = (secret: string, version: number, state: 'DISABLED' | 'DESTROYED'): void => {
    const stored = find(secret).versions[version - 1];
    if (stored === undefined) throw new Error(`${secret} has no version ${version}`);
    stored.state = state;
  };
  return {
    project,
    grpc: `127.0.0.1:${ports.grpc}`,
    rest: `127.0.0.1:${ports.rest}`,
    set: (secret, value) => find(secret).versions.push({ data: Buffer.from(value as string), state: 'ENABLED' }),
    alias: (secret, alias, version) => void find(secret).aliases.set(alias, version),
    disable: (secret, version) => setState(secret, version, 'DISABLED'),
    destroy: (secret, version) => setState(secret, version, 'DESTROYED'),
    fail: (secret, fault) => void (find(secret).fault = fault),
    hold: (secret, until) => void (find(secret).held = until),
    swap: (secret, other) =>
      void (find(secret).swapped = other.includes('/') ? other : `projects/${project}/secrets/${other}`),
    heal: (secret) => void Object.assign(find(secret), { fault: undefined, held: undefined, swapped: undefined }),
    reads: store.reads,
    nextRead: () => store.nextRead(),
    running: () => store.running,
    mostRunning: () => store.mostRunning,
    stop,
    start,
    [Symbol.asyncDispose]: stop,
  };
}
