import type { OnReadOpts } from 'node:net';
import { buildConnector } from 'undici';
import type { TlsMaterial } from './tls-material.ts';

/** Opens a socket to a server, TLS included, in the form that undici asks for. */
export type Connector = (options: ConnectOptions, callback: buildConnector.Callback) => void;

export interface ConnectOptions extends buildConnector.Options {
  /** Where it is to read to. Only heard for plain sockets to the server itself; others give what they read by `data`. */
  readonly onread?: OnReadOpts;
}

/** Milliseconds. Source: security.md 3.1. */
export const CONNECT_TIMEOUT = 10_000;

/** @param options of TLS, or a unix socket */
export function connectorOf(options: TlsMaterial & { readonly socketPath?: string }): Connector {
  // The types of undici ask for a port, which comes with each connection.
  const all = { ...options, allowH2: false, timeout: CONNECT_TIMEOUT } as buildConnector.BuildOptions;
  const connect = buildConnector(all);
  return ({ onread, ...asked }, callback) => {
    // What it is built with it hands to each socket. Of TLS it remembers sessions, so there is one for all of these.
    if (onread === undefined || asked.protocol === 'https:') connect(asked, callback);
    else buildConnector({ ...all, onread } as buildConnector.BuildOptions)(asked, callback);
  };
}
