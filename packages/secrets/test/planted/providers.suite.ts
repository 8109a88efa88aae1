import { secretErrors } from '@hostler/secrets';
import type { SecretProvider, SecretProviderContext, SecretRef } from '@hostler/secrets';
import { testSecretProvider } from '@hostler/secrets/testing';
import { backend, REPLY_TEXT, VALUE } from './backend.ts';

interface Bugs {
  readonly deniedIsUnavailable?: boolean;
  readonly signalIsIgnored?: boolean;
  readonly replyIsCopied?: 'message' | 'details';
}

function createProvider(bugs: Bugs): SecretProvider {
  return {
    scheme: 'web',
    async read(ref: SecretRef, { signal, fetch }: SecretProviderContext) {
      const init = bugs.signalIsIgnored === true ? {} : { signal };
      const response = await fetch(`https://backend.invalid/${ref.path}`, init);
      const text = await response.text();
      if (response.ok) return { value: text };
      if (bugs.replyIsCopied === 'message') throw new Error(`The backend said: ${text}`);
      const said = bugs.replyIsCopied === 'details' ? { details: { problem: `it said ${text}` } } : {};
      if (response.status === 404) throw secretErrors.NOT_FOUND(said);
      if (response.status !== 403 || bugs.deniedIsUnavailable === true) throw secretErrors.UNAVAILABLE(said);
      throw secretErrors.ACCESS_DENIED(said);
    },
  };
}

const planted: Readonly<Record<string, Bugs>> = {
  'without a bug': {},
  'denied as unavailable': { deniedIsUnavailable: true },
  'deaf to the signal': { signalIsIgnored: true },
  'reply in the message': { replyIsCopied: 'message' },
  'reply in the details': { replyIsCopied: 'details' },
};

for (const [name, bugs] of Object.entries(planted)) {
  testSecretProvider(name, {
    create: () => createProvider(bugs),
    present: { reference: 'web://token', value: VALUE },
    missing: 'web://none',
    denied: 'web://private',
    unavailable: 'web://broken',
    hanging: 'web://hanging',
    replyText: REPLY_TEXT,
    fetch: backend,
  });
}
