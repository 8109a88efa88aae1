import { defineSecretProvider, secretErrors } from '@hostler/secrets';
import * as v from 'valibot';

export const vault = defineSecretProvider({
  scheme: 'vault',
  options: v.strictObject({ address: v.string(), token: v.string(), mount: v.optional(v.string(), 'secret') }),
  create: ({ address, token, mount }) => ({
    async read({ path }, { signal, fetch }) {
      const url = new URL(`/v1/${mount}/data/${path}`, address);
      const response = await fetch(url, { signal, headers: { 'x-vault-token': token } });
      if (response.status === 404) throw secretErrors.NOT_FOUND();
      if (response.status === 403)
        throw secretErrors.ACCESS_DENIED({ details: { problem: `allow read on ${mount}/data/${path}.` } });
      if (!response.ok) throw secretErrors.UNAVAILABLE();
      const { data } = await response.json();
      return { value: JSON.stringify(data.data), version: String(data.metadata.version) };
    },
  }),
});
