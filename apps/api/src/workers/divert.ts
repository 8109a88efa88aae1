import type { Elsewhere, RequestHead } from '@hostler/endpoint';
import type { Divert } from '../listen.ts';
import { mcpRouteOf } from '../mcp-route.ts';
import type { Forwarder } from './forwarder.ts';
import { OWNER, placeOf } from './marks.ts';

export interface DivertOptions {
  readonly place: number;
  /** How many workers there are. */
  readonly workers: number;
  readonly forwarder: Pick<Forwarder, 'forward'>;
}

/** What another process has to answer, by the head of the request. */
export function createDivert({ place, workers, forwarder }: DivertOptions): Divert {
  return (request, response, otherwise) => {
    const wanted = wantedPlace(request);
    if (wanted === undefined || wanted === place || wanted > workers) return false;
    // Of one that has died nothing is left: here its sessions are as unknown as there.
    forwarder.forward(wanted, { request, response, otherwise });
    return true;
  };
}

/** The same by the state that a request brings back. */
export function createElsewhere({ place, workers, forwarder }: DivertOptions): Elsewhere {
  return (state) => {
    const wanted = placeOf(state);
    if (wanted === undefined || wanted === place || wanted > workers) return undefined;
    return (posted) => forwarder.forward(wanted, posted);
  };
}

const MESSAGES_SESSION = /[?&]sessionId=([^&]+)/;

function wantedPlace({ url = '', headers }: RequestHead): number | undefined {
  const route = mcpRouteOf(url);
  // Everything but MCP is answered where the servers are.
  if (route === undefined) return OWNER;
  if (route.face === 'ws' || route.face === 'sse') return undefined;
  const id = route.face === 'messages' ? MESSAGES_SESSION.exec(url)?.[1] : headers['mcp-session-id'];
  return typeof id === 'string' ? placeOf(id) : undefined;
}
