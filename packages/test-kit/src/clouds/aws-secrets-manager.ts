import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { answerValue, AWS_JSON, awsError, send, spoil } from './aws-answer.ts';
import type { AwsAnswer, AwsFault, ValueRequest } from './aws-answer.ts';
import { AwsSecretStore } from './aws-secret-store.ts';
import { verifySignature } from './aws-signature.ts';
import type { AwsKey } from './aws-signature.ts';

export interface AwsSecretsManagerOptions {
  /** Of secrets that are set without one; default eu-west-1. All regions are served. */
  readonly region?: string;
  readonly account?: string;
  /** By access key id; default: one key, which is in `environment`. */
  readonly keys?: Readonly<Record<string, AwsKey>>;
  /** Milliseconds that every answer takes at least. */
  readonly delay?: number;
  /** Milliseconds by which its clock is ahead. */
  readonly skew?: number;
}

/** One request, in the order of arrival. */
export interface AwsRequest {
  /** For which it was signed; absent when its signature was refused. */
  readonly region?: string;
  readonly secret?: string;
  /** `answered`, the name of the AWS error or the kind of the fault. */
  readonly outcome: string;
}

export interface AwsSecretPlace {
  readonly region?: string;
  /** Default AWSCURRENT; AWSPENDING waits for `promote`. */
  readonly stage?: string;
}

/** A stand-in for AWS Secrets Manager on loopback: AWS JSON 1.1, with signatures that are verified. */
export interface AwsSecretsManager extends AsyncDisposable {
  readonly url: string;
  readonly region: string;
  /** For a child or for `vi.stubEnv`: endpoint, region, key; no other source of credentials. */
  readonly environment: Readonly<Record<string, string>>;
  /** Adds a version; creates the secret when there is none. */
  set(
    name: string,
    value: string | Uint8Array,
    place?: AwsSecretPlace,
  ): { readonly arn: string; readonly version: string };
  /** What is AWSPENDING becomes AWSCURRENT. */
  promote(name: string): void;
  /** Reads are refused for want of secretsmanager:GetSecretValue. */
  deny(name: string): void;
  scheduleDeletion(name: string): void;
  /** From now on, until it is `undefined`. */
  fail(name: string, fault: AwsFault | undefined): void;
  /** Requests that came in for the secret, or for all. */
  reads(name?: string): number;
  requests(): readonly AwsRequest[];
  /** Most requests that were open at once. */
  maximumConcurrency(): number;
  /** Connections that are open now. */
  connections(): number;
  /** Resolves with the next request for this secret. */
  arrived(name: string): Promise<void>;
  /** Resolves when a client leaves before it has its answer. */
  left(name: string): Promise<void>;
  /** An outage: open connections are reset, new ones are refused. */
  stop(): Promise<void>;
  /** Listens again, on the same port. */
  start(): Promise<void>;
}

const KEY_ID = 'AKIAIOSFODNN7EXAMPLE';

export async function startAwsSecretsManager(options: AwsSecretsManagerOptions = {}): Promise<AwsSecretsManager> {
  const { keys = { [KEY_ID]: { secret: randomUUID() } } } = options;
  const standIn = new StandIn({ ...options, keys });
  await standIn.start();
  return standIn;
}

class StandIn implements AwsSecretsManager {
  readonly region: string;
  readonly #options: AwsSecretsManagerOptions;
  readonly #keys: ReadonlyMap<string, AwsKey>;
  readonly #store: AwsSecretStore;
  readonly #server: Server;
  readonly #connections = new Set<Socket>();
  readonly #faults = new Map<string, AwsFault>();
  readonly #requests: AwsRequest[] = [];
  readonly #waiting = new Map<string, (() => void)[]>();
  #port = 0;
  #open = 0;
  #maximum = 0;

  constructor(options: AwsSecretsManagerOptions) {
    this.#options = options;
    this.region = options.region ?? 'eu-west-1';
    this.#keys = new Map(Object.entries(options.keys ?? {}));
    this.#store = new AwsSecretStore(options.account ?? '123456789012');
    this.#server = createServer((request, response) => void this.#serve(request, response));
    this.#server.on('connection', (socket: Socket) => {
      this.#connections.add(socket);
      socket.once('close', () => this.#connections.delete(socket));
    });
  }

  get url(): string {
    return `http://127.0.0.1:${this.#port}`;
  }

  get environment(): Readonly<Record<string, string>> {
    const [[id, { secret, token }] = ['', { secret: '' }]] = this.#keys;
    return {
      AWS_ENDPOINT_URL_SECRETS_MANAGER: this.url,
      AWS_REGION: this.region,
      AWS_ACCESS_KEY_ID: id,
      AWS_SECRET_ACCESS_KEY: secret,
      ...(token === undefined ? {} : { AWS_SESSION_TOKEN: token }),
      AWS_EC2_METADATA_DISABLED: 'true',
      AWS_CONFIG_FILE: '/dev/null',
      AWS_SHARED_CREDENTIALS_FILE: '/dev/null',
    };
  }

  set(name: string, value: string | Uint8Array, place: AwsSecretPlace = {}): { arn: string; version: string } {
    const { region = this.region, stage = 'AWSCURRENT' } = place;
    const { id } = this.#store.put(region, name, { value, stage });
    return { arn: this.#store.get(region, name).arn, version: id };
  }

  promote(name: string): void {
    this.#store.promote(this.region, name);
  }

  deny(name: string): void {
    this.fail(name, { kind: 'access-denied' });
  }

  scheduleDeletion(name: string): void {
    this.#store.get(this.region, name).deleted = true;
  }

  fail(name: string, fault: AwsFault | undefined): void {
    if (fault === undefined) this.#faults.delete(name);
    else this.#faults.set(name, fault);
  }

  reads(name?: string): number {
    return this.#requests.filter(({ secret }) => name === undefined || secret === name).length;
  }

  requests(): readonly AwsRequest[] {
    return [...this.#requests];
  }

  maximumConcurrency(): number {
    return this.#maximum;
  }

  connections(): number {
    return this.#connections.size;
  }

  arrived(name: string): Promise<void> {
    return this.#next(`arrived ${name}`);
  }

  left(name: string): Promise<void> {
    return this.#next(`left ${name}`);
  }

  async start(): Promise<void> {
    this.#server.listen(this.#port, '127.0.0.1');
    await once(this.#server, 'listening');
    this.#port = (this.#server.address() as AddressInfo).port;
  }

  async stop(): Promise<void> {
    if (!this.#server.listening) return;
    const closed = once(this.#server, 'close');
    this.#server.close();
    this.#server.closeAllConnections();
    await closed;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.stop();
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    this.#open += 1;
    this.#maximum = Math.max(this.#maximum, this.#open);
    response.once('close', () => (this.#open -= 1));
    try {
      await this.#answer(request, response, await buffer(request));
    } catch {
      response.destroy();
    }
  }

  async #answer(request: IncomingMessage, response: ServerResponse, body: Buffer): Promise<void> {
    const now = Date.now() + (this.#options.skew ?? 0);
    response.setHeader('date', new Date(now).toUTCString());
    const { method = '', url: path = '', headers } = request;
    const verdict = verifySignature({ method, path, headers, body }, this.#keys, now);
    if ('refusal' in verdict) {
      this.#requests.push({ outcome: verdict.refusal });
      await send(response, awsError(verdict.refusal, verdict.message, verdict.status), randomUUID());
      return;
    }
    const { region } = verdict;
    if (headers['x-amz-target'] !== 'secretsmanager.GetSecretValue' || headers['content-type'] !== AWS_JSON) {
      this.#requests.push({ region, outcome: 'UnknownOperationException' });
      await send(response, awsError('UnknownOperationException', ''), randomUUID());
      return;
    }
    await this.#answerRead(JSON.parse(body.toString()) as ValueRequest, region, response);
  }

  async #answerRead(wanted: ValueRequest, region: string, response: ServerResponse): Promise<void> {
    const secret = this.#store.find(region, wanted.SecretId);
    const name = secret?.name ?? wanted.SecretId;
    const fault = this.#faults.get(name);
    const given = fault?.kind === 'mistaken' ? this.#store.find(region, fault.name) : secret;
    const right = answerValue(given, wanted);
    const answer = fault === undefined ? right : spoil(fault, right);
    this.#requests.push({ region, secret: name, outcome: fault?.kind ?? outcomeOf(answer) });
    this.#tell(`arrived ${name}`);
    await this.#hold(fault, response);
    const end = response.destroyed ? 'left' : await send(response, answer, randomUUID());
    if (end === 'left') this.#tell(`left ${name}`);
  }

  /** Until the answer is due, or the client has left. */
  async #hold(fault: AwsFault | undefined, response: ServerResponse): Promise<void> {
    if (response.destroyed) return;
    const { delay = 0 } = this.#options;
    const due = Promise.withResolvers<void>();
    response.once('close', due.resolve);
    const timer = setTimeout(() => {
      if (fault?.kind === 'slow') void fault.until.then(() => due.resolve(), due.reject);
      else if (fault?.kind !== 'hanging') due.resolve();
    }, delay);
    await due.promise.finally(() => clearTimeout(timer));
  }

  #next(event: string): Promise<void> {
    return new Promise((resolve) => this.#waiting.set(event, [...(this.#waiting.get(event) ?? []), resolve]));
  }

  #tell(event: string): void {
    const waiting = this.#waiting.get(event) ?? [];
    this.#waiting.delete(event);
    for (const resolve of waiting) resolve();
  }
}

function outcomeOf({ status, body }: AwsAnswer): string {
  return status === 200 ? 'answered' : String((JSON.parse(body) as { __type: unknown }).__type);
}
