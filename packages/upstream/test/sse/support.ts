import type { ServerResponse } from 'node:http';
import { RawServer, openEvents, resultOf, sendEvent } from '../http/support/raw-server.ts';
import type { Received, Respond } from '../http/support/raw-server.ts';

export interface SseScript {
  /** What the stream begins with; the address for messages by default. */
  readonly open?: (response: ServerResponse) => void;
  /** Answers a POST that is no `initialize`. By default it is taken, and echoed on the stream when it is a request. */
  readonly post?: (received: Received, response: ServerResponse, stream: ServerResponse) => void;
  /** Answers `notifications/initialized`, at once by default. */
  readonly initialized?: (response: ServerResponse) => void;
  /** What a POST to the address of the stream gets; by default 405, as from most servers of the first revision. */
  readonly refuse?: Respond;
}

export const ENDPOINT = 'event: endpoint\ndata: /messages?sessionId=1\n\n';

/** A server of revision 2024-11-05, without any SDK. Its url ends in `/mcp`, as that of any raw server. */
export async function startSse(script: SseScript = {}): Promise<RawServer & { stream(): ServerResponse }> {
  let stream: ServerResponse | undefined;
  const current = (): ServerResponse => {
    if (stream === undefined) throw new Error('no stream is open');
    return stream;
  };
  const server = await RawServer.start((received, response) => {
    const { method, path, message } = received;
    if (method === 'GET') {
      openEvents(response);
      stream = response;
      if (script.open) script.open(response);
      else response.write(ENDPOINT);
    } else if (!path.startsWith('/messages')) {
      if (script.refuse) script.refuse(received, response);
      else response.writeHead(405, { allow: 'GET' }).end();
    } else if (message.method === 'initialize') {
      response.writeHead(202).end('Accepted');
      const serverInfo = { name: 'first', version: '1' };
      sendEvent(
        current(),
        resultOf(received, { protocolVersion: '2024-11-05', capabilities: { tools: {} }, serverInfo }),
      );
    } else if (script.initialized && message.method === 'notifications/initialized') script.initialized(response);
    else if (script.post && message.id !== undefined) script.post(received, response, current());
    else {
      response.writeHead(202).end('Accepted');
      if (message.id !== undefined && message.method !== undefined) {
        sendEvent(current(), resultOf(received, { echoed: message.params }));
      }
    }
  });
  return Object.assign(server, { stream: current });
}
