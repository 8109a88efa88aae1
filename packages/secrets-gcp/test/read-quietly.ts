// usage: node read-quietly.ts <transport> <endpoint>: prints which of Google's modules were loaded at each step.
import { createRequire } from 'node:module';
import { parseSecretRef } from '@hostler/secrets';
import { gcp } from '@hostler/secrets-gcp';
import { patience } from './patience.ts';

const { cache } = createRequire(import.meta.url);
const loaded = (): boolean =>
  Object.keys(cache).some((file) => /google-gax|secret-manager|grpc-js|protobufjs/.test(file));

const [transport = 'grpc', endpoint = ''] = process.argv.slice(2);
const steps = [loaded()];
const context = { signal: patience(10_000), fetch };
const provider = await gcp.create({
  project: 'test-project',
  endpoint,
  transport: transport === 'rest' ? 'rest' : 'grpc',
  insecure: true,
});
provider.problemOf?.(parseSecretRef('gcp://token'));
steps.push(loaded());
const { value } = await provider.read(parseSecretRef('gcp://token'), context);
const missing = await provider.read(parseSecretRef('gcp://missing'), context).catch((error: Error) => error.name);
await provider.check?.(context);
steps.push(loaded());
await provider.close?.();
process.stdout.write(`${JSON.stringify({ steps, length: value.length, missing })}\n`);
