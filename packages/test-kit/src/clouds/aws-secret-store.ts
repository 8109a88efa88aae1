import { randomBytes, randomUUID } from 'node:crypto';

export interface AwsVersion {
  readonly id: string;
  readonly value: string | Uint8Array;
  readonly createdAt: number;
  readonly stages: Set<string>;
}

export interface AwsSecret {
  readonly arn: string;
  readonly name: string;
  readonly versions: AwsVersion[];
  deleted: boolean;
}

/** Secrets with their versions and staging labels, as Secrets Manager keeps them for one account. */
export class AwsSecretStore {
  readonly #account: string;
  readonly #secrets = new Map<string, AwsSecret>();

  constructor(account: string) {
    this.#account = account;
  }

  /** A new version with the label, which leaves the version that had it; AWSCURRENT leaves AWSPREVIOUS behind. */
  put(region: string, name: string, { value, stage }: { value: string | Uint8Array; stage: string }): AwsVersion {
    const secret = this.#secrets.get(`${region} ${name}`) ?? this.#create(region, name);
    const version = { id: randomUUID(), value, createdAt: Date.now() / 1000, stages: new Set<string>() };
    secret.versions.push(version);
    label(secret, version, stage);
    return version;
  }

  /** Ends a rotation: what is AWSPENDING becomes AWSCURRENT. */
  promote(region: string, name: string): void {
    const secret = this.get(region, name);
    const pending = findVersion(secret, { stage: 'AWSPENDING' });
    if (pending === undefined) throw new Error(`${name} has no pending version`);
    pending.stages.delete('AWSPENDING');
    label(secret, pending, 'AWSCURRENT');
  }

  get(region: string, name: string): AwsSecret {
    const secret = this.#secrets.get(`${region} ${name}`);
    if (secret === undefined) throw new Error(`No secret ${name} in ${region}`);
    return secret;
  }

  /** By name or ARN, in one region only. */
  find(region: string, id: string): AwsSecret | undefined {
    const named = this.#secrets.get(`${region} ${id}`);
    if (named !== undefined) return named;
    return [...this.#secrets.values()].find(({ arn }) => arn === id && arn.split(':')[3] === region);
  }

  #create(region: string, name: string): AwsSecret {
    const suffix = randomBytes(3).toString('hex');
    const arn = `arn:aws:secretsmanager:${region}:${this.#account}:secret:${name}-${suffix}`;
    const secret: AwsSecret = { arn, name, versions: [], deleted: false };
    this.#secrets.set(`${region} ${name}`, secret);
    return secret;
  }
}

export function findVersion(
  { versions }: AwsSecret,
  { id, stage = 'AWSCURRENT' }: { id?: string | undefined; stage?: string | undefined },
): AwsVersion | undefined {
  return versions.find((version) => (id === undefined ? version.stages.has(stage) : version.id === id));
}

function label(secret: AwsSecret, version: AwsVersion, stage: string): void {
  const before = findVersion(secret, { stage });
  before?.stages.delete(stage);
  if (stage === 'AWSCURRENT' && before !== undefined) {
    findVersion(secret, { stage: 'AWSPREVIOUS' })?.stages.delete('AWSPREVIOUS');
    before.stages.add('AWSPREVIOUS');
  }
  version.stages.add(stage);
}
