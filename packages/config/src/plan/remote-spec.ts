import { resolve } from 'node:path';
import type { HttpSpec, NetworkSpec, TlsSpec, WebSocketSpec } from '@hostler/kernel';
import type { CheckedServer } from '../schema/config-file.ts';
import { toOAuthSpec } from './oauth-spec.ts';
import { remoteTypeOf } from './remote-type.ts';
import { toSetting, toSettings } from './settings.ts';

/** How a server is reached that already runs. `folder` is where relative paths start. */
export function toRemoteSpec(url: string, server: CheckedServer, folder: string): HttpSpec | WebSocketSpec {
  const type = server.type ?? remoteTypeOf(url);
  const network = toNetwork(server, folder);
  const common = { url, headers: toSettings(server.headers), ...(network && { network }) };
  if (type === 'websocket') return { kind: 'websocket', ...common };
  return {
    kind: 'http',
    ...common,
    ...((type === 'sse' || type === 'streamable-http') && { protocol: type }),
    ...(server.oauth && { oauth: toOAuthSpec(server.oauth) }),
  };
}

function toNetwork({ proxy, socket, tls }: CheckedServer, folder: string): NetworkSpec | undefined {
  if (proxy === undefined && socket === undefined && tls === undefined) return undefined;
  return {
    ...(proxy !== undefined && { proxy }),
    ...(socket !== undefined && { socket: resolve(folder, socket) }),
    ...(tls && { tls: toTls(tls) }),
  };
}

function toTls({ ca, certificate, key, serverName }: NonNullable<CheckedServer['tls']>): TlsSpec {
  return {
    ...(ca !== undefined && { ca: toSetting(ca) }),
    ...(certificate !== undefined && { certificate: toSetting(certificate) }),
    ...(key !== undefined && { key: toSetting(key) }),
    ...(serverName !== undefined && { serverName }),
  };
}
