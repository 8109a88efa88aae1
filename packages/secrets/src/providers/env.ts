import { secretErrors } from '../secret-errors.ts';
import type { SecretProvider } from '../secret-provider.ts';

const NAME = /^[A-Za-z_][A-Za-z0-9_]*$/;

/** `env://NAME` from the environment that is passed in. An empty variable counts as missing. */
export function createEnvProvider(environment: Readonly<Record<string, string | undefined>>): SecretProvider {
  return {
    scheme: 'env',
    problemOf: (ref) =>
      NAME.test(ref.path) ? undefined : 'name a variable of letters, digits and _, for example env://API_TOKEN.',
    async read(ref, { signal }) {
      signal.throwIfAborted();
      const value = Object.hasOwn(environment, ref.path) ? environment[ref.path] : undefined;
      if (value === undefined || value === '') throw secretErrors.NOT_FOUND();
      return { value };
    },
  };
}
