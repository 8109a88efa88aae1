import { setTimeout as pause } from 'node:timers/promises';

export type GcpTransport = 'grpc' | 'rest';

/** What can be wrong with one secret. */
export type GcpFault =
  | 'denied'
  | 'unauthenticated'
  | 'api-disabled'
  | 'invalid'
  | 'throttled'
  | 'unavailable'
  /** Takes the request and never answers. */
  | 'hanging'
  /** Answers with bytes that are no message of the protocol, the value among them. */
  | 'garbage'
  /** A proxy answers 404 with a page of its own; over gRPC the call just fails. */
  | 'proxy-page'
  | 'wrong-checksum'
  | 'no-checksum'
  | 'no-payload'
  /** Closes the connection in the middle of the answer. */
  | 'cut';

export interface GcpRead {
  readonly transport: GcpTransport;
  /** The version that was asked for. */
  readonly name: string;
  readonly authorization: string | undefined;
  readonly ended: Promise<'answered' | 'cancelled'>;
}

export type GcpAnswer =
  | { readonly kind: 'version'; readonly name: string; readonly data?: Uint8Array; readonly checksum?: number }
  | { readonly kind: 'error'; readonly status: keyof typeof CODES; readonly message: string; readonly reason?: string }
  | { readonly kind: 'garbage'; readonly data: Uint8Array }
  | { readonly kind: 'proxy-page' }
  | { readonly kind: 'cut' };

/** gRPC codes and the HTTP status of each. */
export const CODES = {
  INVALID_ARGUMENT: [3, 400],
  NOT_FOUND: [5, 404],
  PERMISSION_DENIED: [7, 403],
  RESOURCE_EXHAUSTED: [8, 429],
  FAILED_PRECONDITION: [9, 400],
  UNAVAILABLE: [14, 503],
  UNAUTHENTICATED: [16, 401],
} as const;

interface StoredVersion {
  readonly data: Uint8Array;
  state: 'ENABLED' | 'DISABLED' | 'DESTROYED';
}

interface StoredSecret {
  readonly versions: StoredVersion[];
  readonly aliases: Map<string, number>;
  fault?: GcpFault | undefined;
  held?: Promise<void> | undefined;
  swapped?: string | undefined;
}

/** Answers name the project by its number, whatever the request did. */
const PROJECT_NUMBER = '900100200300';

/** What both transports of the stand-in serve. */
export class GcpSecretStore {
  readonly reads: GcpRead[] = [];
  delay = 0;
  token: string | undefined;
  replyText = '';
  running = 0;
  mostRunning = 0;
  readonly #secrets = new Map<string, StoredSecret>();
  readonly #waiting: ((read: GcpRead) => void)[] = [];

  secret(resource: string): StoredSecret {
    const secret = this.#secrets.get(resource) ?? { versions: [], aliases: new Map() };
    this.#secrets.set(resource, secret);
    return secret;
  }

  nextRead(): Promise<GcpRead> {
    return new Promise((resolve) => void this.#waiting.push(resolve));
  }

  /** Answers one request; `gone` is aborted when its client is. */
  async access(request: Omit<GcpRead, 'ended'>, gone: AbortSignal): Promise<GcpAnswer> {
    const { promise: ended, resolve: end } = Promise.withResolvers<'answered' | 'cancelled'>();
    const read = { ...request, ended };
    this.reads.push(read);
    this.running += 1;
    afterTurns(TURNS_TO_HEAR, () => {
      this.mostRunning = Math.max(this.mostRunning, this.running);
    });
    for (const wake of this.#waiting.splice(0)) wake(read);
    try {
      if (this.delay > 0) await pause(this.delay, undefined, { signal: gone });
      const answer = await this.#answer(request, gone);
      return answer.kind === 'error' ? { ...answer, message: `${answer.message} ${this.replyText}`.trim() } : answer;
    } finally {
      this.running -= 1;
      end(gone.aborted ? 'cancelled' : 'answered');
    }
  }

  async #answer({ name, authorization }: Omit<GcpRead, 'ended'>, gone: AbortSignal): Promise<GcpAnswer> {
    if (this.token !== undefined && authorization !== `Bearer ${this.token}`) return FAULTS.unauthenticated;
    const [, resource = '', version = ''] = /^(.*)\/versions\/([^/]+)$/.exec(name) ?? [];
    const secret = this.#secrets.get(resource);
    if (secret === undefined) return missing(`Secret [${toNumbered(resource)}] not found or has no versions.`);
    if (secret.held !== undefined) await untilGone(secret.held, gone);
    if (secret.fault === 'hanging') return untilGone(new Promise<never>(() => undefined), gone);
    const fault = faultyAnswer(secret);
    if (fault !== undefined) return fault;
    if (secret.swapped === undefined) return this.#version(secret, resource, version);
    return this.#version(this.secret(secret.swapped), secret.swapped, 'latest');
  }

  #version(secret: StoredSecret, resource: string, version: string): GcpAnswer {
    const number = version === 'latest' ? secret.versions.length : (secret.aliases.get(version) ?? Number(version));
    const stored = secret.versions[number - 1];
    const name = `${toNumbered(resource)}/versions/${number}`;
    if (stored === undefined) return missing(`Secret Version [${name}] not found.`);
    if (stored.state !== 'ENABLED') {
      const message = `Secret Version [${name}] is in ${stored.state} state.`;
      return { kind: 'error', status: 'FAILED_PRECONDITION', message };
    }
    if (secret.fault === 'no-payload') return { kind: 'version', name };
    if (secret.fault === 'no-checksum') return { kind: 'version', name, data: stored.data };
    const checksum = (checksumOf(stored.data) ^ (secret.fault === 'wrong-checksum' ? 1 : 0)) >>> 0;
    return { kind: 'version', name, data: stored.data, checksum };
  }
}

const FAULTS = {
  denied: {
    kind: 'error',
    status: 'PERMISSION_DENIED',
    message: "Permission 'secretmanager.versions.access' denied on resource (or it may not exist).",
    reason: 'IAM_PERMISSION_DENIED',
  },
  'api-disabled': {
    kind: 'error',
    status: 'PERMISSION_DENIED',
    message: 'Secret Manager API has not been used in this project before or it is disabled.',
    reason: 'SERVICE_DISABLED',
  },
  unauthenticated: {
    kind: 'error',
    status: 'UNAUTHENTICATED',
    message: 'Request had invalid authentication credentials. Expected OAuth 2 access token.',
    reason: 'ACCESS_TOKEN_EXPIRED',
  },
  invalid: { kind: 'error', status: 'INVALID_ARGUMENT', message: 'The provided resource name is invalid.' },
  throttled: {
    kind: 'error',
    status: 'RESOURCE_EXHAUSTED',
    message: "Quota exceeded for quota metric 'Access requests'.",
    reason: 'RATE_LIMIT_EXCEEDED',
  },
  unavailable: { kind: 'error', status: 'UNAVAILABLE', message: 'The service is currently unavailable.' },
} as const satisfies Record<string, GcpAnswer>;

/** The answer instead of a version; absent for faults that are in the version. */
function faultyAnswer({ fault, versions }: StoredSecret): GcpAnswer | undefined {
  if (fault === 'garbage') return { kind: fault, data: versions.at(-1)?.data ?? Buffer.of() };
  if (fault === 'proxy-page' || fault === 'cut') return { kind: fault };
  return fault !== undefined && Object.hasOwn(FAULTS, fault) ? FAULTS[fault as keyof typeof FAULTS] : undefined;
}

function missing(message: string): GcpAnswer {
  return { kind: 'error', status: 'NOT_FOUND', message };
}

function toNumbered(resource: string): string {
  return resource.replace(/^projects\/[^/]+/, `projects/${PROJECT_NUMBER}`);
}

async function untilGone<T>(work: Promise<T>, gone: AbortSignal): Promise<T> {
  const { promise: left, reject } = Promise.withResolvers<never>();
  gone.addEventListener('abort', () => reject(gone.reason), { once: true });
  return Promise.race([work, left]);
}

/** CRC-32C bit by bit, so that it shares nothing with the code under test. */
function checksumOf(data: Uint8Array): number {
  let rest = 0xffffffff;
  for (const byte of data) {
    rest ^= byte;
    for (let bit = 0; bit < 8; bit += 1) rest = rest & 1 ? (rest >>> 1) ^ 0x82f63b78 : rest >>> 1;
  }
  return ~rest >>> 0;
}

/** What a client gave up just before it asked again comes in over another connection, and a few turns after that. */
const TURNS_TO_HEAR = 8;

function afterTurns(turns: number, callback: () => void): void {
  if (turns === 0) callback();
  else setImmediate(() => afterTurns(turns - 1, callback));
}
