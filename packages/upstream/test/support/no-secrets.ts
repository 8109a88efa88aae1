import type { ConnectContext } from '../../src/connection.ts';

/** For servers that need none. */
export const noSecrets: ConnectContext['secrets'] = {
  resolve: () => Promise.reject(new Error('no secrets here')),
  expire: () => {},
};
