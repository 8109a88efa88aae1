// A provider of one's own as a module beside the configuration. It is as careless as one may be.
import { readFile } from 'node:fs/promises';
import { defineSecretProvider, secretErrors } from '@hostler/secrets';
import * as z from 'zod';

export const own = defineSecretProvider({
  scheme: 'own',
  options: z.strictObject({ file: z.string(), token: z.string(), refuses: z.optional(z.boolean()) }),
  create: ({ file, token, refuses }) => {
    if (refuses) throw new Error(`cannot log in with ${token}`, { cause: token });
    return {
      async read({ path }) {
        const kept = JSON.parse(await readFile(file, 'utf8')) as {
          readonly token: string;
          readonly values: Readonly<Record<string, string>>;
        };
        if (token !== kept.token) throw secretErrors.ACCESS_DENIED();
        const value = kept.values[path.replace(/^quoted-/, '')];
        if (value === undefined) throw secretErrors.NOT_FOUND();
        if (path.startsWith('quoted-')) {
          throw new Error(`The backend said: ${value}`, { cause: new Error(JSON.stringify({ value, token })) });
        }
        return { value };
      },
    };
  },
});
