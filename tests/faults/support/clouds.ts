import { randomUUID } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { startAwsSecretsManager, startGcpSecretManager, temporaryDirectory } from '@hostler/test-kit';
import type { AwsSecretsManager, GcpSecretManager, GcpTransport } from '@hostler/test-kit';
import { vi } from 'vitest';

/** Where secrets can come from; the names of the schemes. */
export type Backend = 'gcp' | 'aws' | 'file';

export interface Clouds extends AsyncDisposable {
  readonly gcp: GcpSecretManager;
  readonly aws: AwsSecretsManager;
  /** The providers of a configuration that read from both, with the client libraries of the vendors. */
  readonly providers: readonly object[];
  /** The same with something between them and the backends: both as `host:port`. */
  providersThrough(endpoints: { readonly gcp: string; readonly aws: string }): readonly object[];
  /** Something that must never be seen outside. */
  canary(around?: (canary: string) => string): string;
  /** All canaries so far. */
  readonly canaries: readonly string[];
  /** Puts a value there; answers with the reference. */
  set(backend: Backend, name: string, value: string | Uint8Array): Promise<string>;
  /** Requests for the values of this secret. */
  reads(reference: string): number;
  /** Both stop listening. */
  stop(): Promise<void>;
  start(): Promise<void>;
}

export interface CloudsOptions {
  /** Milliseconds before every answer. */
  readonly delay?: number;
  readonly transport?: GcpTransport;
}

/** Stand-ins of the backends, and a folder for secrets in files. */
export async function startClouds({ delay = 0, transport = 'grpc' }: CloudsOptions = {}): Promise<Clouds> {
  const gcp = await startGcpSecretManager({ delay });
  const aws = await startAwsSecretsManager({ delay });
  const folder = await temporaryDirectory();
  const canaries: string[] = [];
  for (const [name, value] of Object.entries(aws.environment)) vi.stubEnv(name, value);
  const providersAt = (endpoint: string, awsOptions: object): object[] => [
    { use: moduleOf('secrets-gcp'), with: { project: gcp.project, endpoint, transport, insecure: true } },
    { use: moduleOf('secrets-aws'), with: awsOptions },
  ];
  const stop = async (): Promise<void> => void (await Promise.all([gcp.stop(), aws.stop()]));
  return {
    gcp,
    aws,
    canaries,
    providers: providersAt(transport === 'grpc' ? gcp.grpc : gcp.rest, {}),
    providersThrough: (endpoints) => providersAt(endpoints.gcp, { endpoint: `http://${endpoints.aws}` }),
    canary(around = (text) => text) {
      const canary = `CANARY-${randomUUID()}`;
      canaries.push(canary);
      return around(canary);
    },
    async set(backend, name, value) {
      if (backend === 'file') {
        const path = join(folder.path, name);
        await writeFile(path, value);
        return `file://${path}`;
      }
      if (backend === 'gcp') gcp.set(name, value);
      else aws.set(name, value);
      return `${backend}://${name}`;
    },
    reads(reference) {
      const name = reference.slice(reference.indexOf('://') + 3).replace(/#.*/, '');
      if (reference.startsWith('aws:')) return aws.reads(name);
      return gcp.reads.filter((read) => read.name.includes(`/secrets/${name}/`)).length;
    },
    stop,
    start: async () => void (await Promise.all([gcp.start(), aws.start()])),
    async [Symbol.asyncDispose]() {
      vi.unstubAllEnvs();
      await stop();
      await folder[Symbol.asyncDispose]();
    },
  };
}

/** As a configuration in a temporary folder names a package of this workspace. */
function moduleOf(name: string): string {
  const file = fileURLToPath(new URL(`../../../packages/${name}/src/index.ts`, import.meta.url));
  return relative(join(tmpdir(), 'folder-of-the-configuration'), file);
}
