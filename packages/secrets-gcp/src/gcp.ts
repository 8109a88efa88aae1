import { defineSecretProvider, secretErrors } from '@hostler/secrets';
import type { SecretRef } from '@hostler/secrets';
import { gcpOptions } from './options.ts';
import { SecretManager } from './secret-manager.ts';
import { isPinned, parseSecretName } from './secret-name.ts';
import type { SecretName } from './secret-name.ts';
import { versionValue } from './version-value.ts';

/** `gcp://…`: secrets of Google Cloud Secret Manager, with Application Default Credentials. */
export const gcp = defineSecretProvider({
  scheme: 'gcp',
  options: gcpOptions,
  create: (options) => {
    const secretManager = new SecretManager(options);
    return {
      problemOf: (ref) => problemOf(parseSecretName(ref.path)),
      async read(ref, { signal }) {
        signal.throwIfAborted();
        const name = secretName(ref);
        const answer = await secretManager.access(name, signal);
        return { ...versionValue(answer, name), ...(isPinned(name) ? { pinned: true } : {}) };
      },
      check: ({ signal }) => secretManager.prove(signal),
      close: () => secretManager.close(),
    };
  },
});

function secretName(ref: SecretRef): SecretName {
  const name = parseSecretName(ref.path);
  if (!('problem' in name)) return name;
  throw secretErrors.REFERENCE_INVALID({ details: { reference: ref.text, problem: name.problem } });
}

function problemOf(name: ReturnType<typeof parseSecretName>): string | undefined {
  return 'problem' in name ? name.problem : undefined;
}
