import { Agent, fetch as sendRequest } from 'undici';
import type { RequestInit as UndiciRequestInit } from 'undici';
import { guardedConnector, systemResolver } from './guarded-connector.ts';
import type { ResolveName } from './guarded-connector.ts';
import type { Reach } from './reach.ts';

export interface GuardedAgentOptions {
  readonly reach: Reach;
  readonly resolveName: ResolveName | undefined;
  readonly timeout: number;
}

export interface GuardedAgent {
  readonly send: (url: URL, init: RequestInit) => Promise<Response>;
  close(): Promise<void>;
}

/** The connections of a guarded fetch. */
export function createGuardedAgent(options: GuardedAgentOptions): GuardedAgent {
  const { reach, resolveName = systemResolver, timeout } = options;
  const agent = new Agent({
    connect: guardedConnector(reach, resolveName, timeout),
    headersTimeout: timeout,
    bodyTimeout: timeout,
    maxHeaderSize: 16 * 1024,
  });
  return {
    async send(url, init) {
      const sent = { ...init, dispatcher: agent } as unknown as UndiciRequestInit;
      return (await sendRequest(url, sent)) as unknown as Response;
    },
    close: () => agent.destroy(),
  };
}
