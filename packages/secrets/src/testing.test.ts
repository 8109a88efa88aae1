import * as v from 'valibot';
import { defineSecretProvider } from './define-secret-provider.ts';
import { secretErrors } from './secret-errors.ts';
import { testSecretProvider } from './testing.ts';

/** The provider of the README, and what more a provider may say. */
const vault = defineSecretProvider({
  scheme: 'vault',
  options: v.strictObject({ address: v.string(), token: v.string() }),
  create: ({ address, token }) => ({
    problemOf: (ref) => (ref.path.includes('/') ? undefined : 'write vault://folder/name.'),
    async read(ref, { signal, fetch }) {
      const response = await fetch(`${address}/v1/${ref.path}`, { signal, headers: { 'x-vault-token': token } });
      if (response.status === 404) throw secretErrors.NOT_FOUND();
      if (response.status === 410) throw secretErrors.DISABLED({ details: { problem: 'is destroyed' } });
      if (response.status === 403) throw secretErrors.ACCESS_DENIED();
      if (!response.ok) throw secretErrors.UNAVAILABLE();
      return { value: await response.text() };
    },
  }),
});

const answers: Readonly<Record<string, readonly [number, string]>> = {
  '/v1/team/token': [200, '{"token":"vault-value-20c4"}'],
  '/v1/team/private': [403, 'no reply-text'],
  '/v1/team/destroyed': [410, 'gone reply-text'],
  '/v1/team/broken': [500, 'stack trace reply-text'],
};

/** A backend as a fetch: answers later, obeys the signal, and never answers for `hanging`. */
const backend: typeof fetch = async (input, init) => {
  const { promise, resolve, reject } = Promise.withResolvers<Response>();
  init?.signal?.throwIfAborted();
  init?.signal?.addEventListener('abort', () => reject(init.signal?.reason as Error));
  const { pathname } = new URL(input as string);
  const [status, body] = answers[pathname] ?? [404, 'none reply-text'];
  if (!pathname.endsWith('/hanging')) setImmediate(() => resolve(new Response(body, { status })));
  return promise;
};

testSecretProvider('of the README', {
  create: async () => vault.create({ address: 'https://vault.invalid', token: 'unused-token' }),
  present: { reference: 'vault://team/token#token', value: 'vault-value-20c4' },
  missing: 'vault://team/nothing',
  denied: 'vault://team/private',
  disabled: 'vault://team/destroyed',
  malformed: 'vault://team',
  unavailable: 'vault://team/broken',
  hanging: 'vault://team/hanging',
  replyText: 'reply-text',
  fetch: backend,
});
