import { resolve } from 'node:path';
import type { CheckedConfig } from '../schema/config-file.ts';
import type { ListenSpec, ListenTlsSpec } from './host-plan.ts';

export function toListenSpec({ listen }: CheckedConfig, folder: string): ListenSpec {
  const { host, port, socket, tls, trustedProxies, allowedHosts, allowedOrigins, workers } = listen;
  return {
    host,
    port,
    ...(socket !== undefined && { socket: resolve(folder, socket) }),
    ...(tls && { tls: toTls(tls, folder) }),
    ...(trustedProxies && { trustedProxies: [...trustedProxies] }),
    ...(allowedHosts && { allowedHosts }),
    ...(allowedOrigins && { allowedOrigins }),
    ...(workers !== undefined && { workers }),
  };
}

function toTls(tls: NonNullable<CheckedConfig['listen']['tls']>, folder: string): ListenTlsSpec {
  const { certificate, key, clientAuthorities, clientCertificates } = tls;
  return {
    certificate: resolve(folder, certificate),
    key: typeof key === 'string' ? resolve(folder, key) : { secret: key.secret },
    ...(clientAuthorities !== undefined && { clientAuthorities: resolve(folder, clientAuthorities) }),
    clientCertificates,
  };
}
