// A program of its own, because the library takes credentials from the environment of its process.
// usage: node read-in-child.ts <options as JSON> <reference, "check" or "copy FROM TO">...
import { copyFile } from 'node:fs/promises';
import { parseSecretRef } from '@hostler/secrets';
import { gcp } from '@hostler/secrets-gcp';
import { patience } from './patience.ts';

const [options = '{}', ...wishes] = process.argv.slice(2);
const provider = await gcp.create(JSON.parse(options));
const answers: unknown[] = [];
for (const wish of wishes) {
  const [what, from = '', to = ''] = wish.split(' ');
  if (what === 'copy') {
    await copyFile(from, to);
    continue;
  }
  const context = { signal: patience(5_000), fetch };
  const work = wish === 'check' ? provider.check?.(context) : provider.read(parseSecretRef(wish), context);
  const [result] = await Promise.allSettled([work]);
  if (result.status === 'fulfilled') answers.push(result.value ?? 'fine');
  else answers.push([result.reason.code, result.reason.details?.problem]);
}
await provider.close?.();
process.stdout.write(`${JSON.stringify(answers)}\n`);
