import { INITIALIZE, messageText, resultIn } from './peer-session.ts';
import type { PeerEndpoint, PeerSession } from './peer-session.ts';
import { requestText, WireConnection } from './wire.ts';
import type { WireAnswer } from './wire.ts';

/** Streamable HTTP: each request is a POST whose answer is the result, as JSON or as a stream of events that ends. */
export async function openStreamable(endpoint: PeerEndpoint): Promise<PeerSession> {
  const target = new URL(endpoint.url);
  const free: WireConnection[] = [];
  let headerLines = linesOf({
    'content-type': 'application/json',
    accept: 'application/json, text/event-stream',
    ...endpoint.headers,
  });
  let nextId = 1;

  const post = async (body: string): Promise<WireAnswer> => {
    let connection = free.pop();
    while (connection !== undefined && !connection.isUsable) connection = free.pop();
    connection ??= new WireConnection(target);
    const answer = await connection.exchange(requestText('POST', target, headerLines, body));
    free.push(connection);
    if (answer.status < 300) return answer;
    throw new Error(`HTTP ${answer.status} ${answer.body.toString().slice(0, 200)}`);
  };
  const answer = async (method: string, paramsText: string): Promise<Buffer> =>
    (await post(messageText(nextId++, method, paramsText))).body;

  const first = await post(messageText(nextId++, 'initialize', JSON.stringify(INITIALIZE)));
  const { protocolVersion } = resultIn(first.body.toString()) as { readonly protocolVersion: string };
  const session = /^mcp-session-id: *(\S+)/im.exec(first.head)?.[1];
  headerLines += linesOf({
    ...(session !== undefined && { 'mcp-session-id': session }),
    'mcp-protocol-version': protocolVersion,
  });
  await post(messageText(undefined, 'notifications/initialized', '{}'));
  return {
    answer,
    request: async (method, params) => resultIn((await answer(method, JSON.stringify(params))).toString()),
    close: () => free.forEach((connection) => connection.close()),
  };
}

function linesOf(headers: Readonly<Record<string, string>>): string {
  return Object.entries(headers)
    .map(([name, value]) => `${name}: ${value}\r\n`)
    .join('');
}
