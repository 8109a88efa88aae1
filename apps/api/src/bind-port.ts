import type { Server } from 'node:net';
import { apiErrors } from './errors.ts';
import { systemCode } from './system-code.ts';

export interface BindOptions {
  readonly address: string;
  readonly port: number;
  /** How many ports to try, upwards from the first. */
  readonly attempts: number;
}

/** Binds the first free port. @returns which. @throws API_PORT_IN_USE, API_PORT_DENIED, API_ADDRESS_UNAVAILABLE */
export async function bindPort(server: Server, { address, port, attempts }: BindOptions): Promise<number> {
  const last = port === 0 ? 0 : Math.min(port + attempts - 1, 65_535);
  for (let candidate = port; candidate <= last; candidate += 1) {
    try {
      return await bind(server, address, candidate);
    } catch (error) {
      if (systemCode(error) !== 'EADDRINUSE' || candidate === last) throw toApiError(error, address, port);
    }
  }
  throw apiErrors.PORT_IN_USE({ details: { host: address, port } });
}

function bind(server: Server, host: string, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    const onError = (error: Error): void => {
      server.off('listening', onListening);
      reject(error);
    };
    const onListening = (): void => {
      server.off('error', onError);
      const bound = server.address();
      resolve(typeof bound === 'object' && bound !== null ? bound.port : port);
    };
    server.once('error', onError).once('listening', onListening);
    server.listen({ host, port, exclusive: true });
  });
}

function toApiError(error: unknown, host: string, port: number): unknown {
  switch (systemCode(error)) {
    case 'EADDRINUSE':
      return apiErrors.PORT_IN_USE({ details: { host, port }, cause: error });
    case 'EACCES':
      return apiErrors.PORT_DENIED({ details: { port }, cause: error });
    case 'EADDRNOTAVAIL':
    case 'EAFNOSUPPORT':
      return apiErrors.ADDRESS_UNAVAILABLE({ details: { host }, cause: error });
    default:
      return error;
  }
}
