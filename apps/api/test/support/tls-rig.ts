import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Client as ClientV2, StreamableHTTPClientTransport as HttpV2 } from '@modelcontextprotocol/client';
import { Client as ClientV1 } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport as HttpV1 } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import { temporaryDirectory } from '@hostler/test-kit';
import { TestAuthority } from '@hostler/test-kit/test-authority';
import type { Certified } from '@hostler/test-kit/test-authority';
import { Agent, fetch as undiciFetch } from 'undici';
import { WebSocket } from 'ws';
import { startRig } from './consumers-rig.ts';
import type { ConsumersRig, Settings } from './consumers-rig.ts';

interface Tls {
  readonly certificate: string;
  readonly key: string;
  readonly clientAuthorities?: string;
  readonly clientCertificates?: 'none' | 'optional' | 'required';
}

/** The files of a host with TLS, and whoever vouches for it and for its clients. */
export interface TlsFiles extends AsyncDisposable {
  readonly authority: TestAuthority;
  readonly clients: TestAuthority;
  /** What the configuration says of them. */
  readonly tls: Tls;
  /** Another certificate of the host, or whatever text. */
  readonly writeCertificate: (certified: Certified) => Promise<void>;
  readonly writeAuthorities: (text: string) => Promise<void>;
}

export const HOST_NAMES = ['IP:127.0.0.1', 'DNS:localhost'];

export async function writeTlsFiles(clientCertificates: 'none' | 'optional' | 'required'): Promise<TlsFiles> {
  const directory = await temporaryDirectory();
  const path = (name: string): string => join(directory.path, name);
  const [authority, clients] = await Promise.all([TestAuthority.create(), TestAuthority.create()]);
  const writeCertificate = async ({ certificate, key }: Certified): Promise<void> => {
    await writeFile(path('host.pem'), certificate);
    await writeFile(path('host.key'), key, { mode: 0o600 });
  };
  const writeAuthorities = (text: string): Promise<void> => writeFile(path('clients.pem'), text);
  await writeCertificate(await authority.issue(HOST_NAMES));
  await writeAuthorities(clients.certificate);
  const files = { certificate: path('host.pem'), key: path('host.key') };
  const ofClients = { clientAuthorities: path('clients.pem'), clientCertificates };
  return {
    authority,
    clients,
    tls: { ...files, ...(clientCertificates !== 'none' && ofClients) },
    writeCertificate,
    writeAuthorities,
    [Symbol.asyncDispose]: () => directory[Symbol.asyncDispose](),
  };
}

export function startTlsRig({ tls }: TlsFiles, settings: Settings): Promise<ConsumersRig> {
  return startRig({ ...settings, listen: { ...settings.listen, tls } });
}

/** A program that trusts the authority of the host and may have a certificate of its own. */
export interface TlsClient extends AsyncDisposable {
  readonly fetch: typeof fetch;
  /** Connects over WebSocket and says what came of it. */
  openSocket(url: string): Promise<string>;
}

export function createTlsClient({ authority }: TlsFiles, own?: Certified): TlsClient {
  const shown = own === undefined ? {} : { cert: own.certificate, key: own.key };
  const connect = { ca: authority.certificate, ...shown };
  const agent = new Agent({ connect });
  return {
    fetch: ((url: string, init: object) => undiciFetch(url, { ...init, dispatcher: agent })) as typeof fetch,
    openSocket: (url) =>
      new Promise((resolve) => {
        const socket = new WebSocket(`${url.replace('https', 'wss')}/ws`, ['mcp'], connect);
        socket.once('open', () => {
          socket.close();
          resolve('open');
        });
        socket.once('unexpected-response', (_, { statusCode }) => {
          resolve(String(statusCode));
          socket.terminate();
        });
        socket.once('error', ({ message }) => resolve(message));
      }),
    [Symbol.asyncDispose]: () => agent.destroy(),
  };
}

/** The tools that an official client is listed over this `fetch`. */
export const officialClients: Readonly<Record<string, (url: string, send: typeof fetch) => Promise<string[]>>> = {
  'version 1 of the SDK': async (url, send) => {
    const client = new ClientV1({ name: 'test', version: '1' });
    await client.connect(new HttpV1(new URL(`${url}/mcp`), { fetch: send }) as never);
    const { tools } = await client.listTools();
    await client.close();
    return tools.map(({ name }) => name);
  },
  'version 2 of the SDK': async (url, send) => {
    const client = new ClientV2({ name: 'test', version: '1' }, { versionNegotiation: { mode: 'auto' } });
    await client.connect(new HttpV2(new URL(`${url}/mcp`), { fetch: send }));
    const { tools } = await client.listTools();
    await client.close();
    return tools.map(({ name }) => name);
  },
};
