import { get } from 'node:http';
import type { IncomingMessage } from 'node:http';
import { INITIALIZE, messageText, resultIn } from './peer-session.ts';
import type { PeerEndpoint, PeerSession } from './peer-session.ts';
import { requestText, WireConnection } from './wire.ts';

/** The transport of 2024-11-05: all answers come over one stream of events, requests are POSTs to the path it names. */
export async function openSse(endpoint: PeerEndpoint): Promise<PeerSession> {
  const base = new URL(endpoint.url);
  const waiting = new Map<number, { resolve(data: string): void; reject(error: Error): void }>();
  const free: WireConnection[] = [];
  const stream = await openStream(base);
  let nextId = 1;
  const target = await new Promise<URL>((resolve, reject) => {
    const fail = (): void => {
      const error = new Error('the stream of events ended');
      reject(error);
      for (const waiter of waiting.values()) waiter.reject(error);
    };
    stream.on('close', fail);
    stream.on('error', fail);
    readEvents(stream, (event, data) => {
      if (event === 'endpoint') resolve(new URL(data, base));
      const id = /"id":(\d+)[,}]/.exec(data)?.[1];
      if (id === undefined) return;
      waiting.get(Number(id))?.resolve(data);
      waiting.delete(Number(id));
    });
  });

  const post = async (body: string): Promise<void> => {
    let connection = free.pop();
    while (connection !== undefined && !connection.isUsable) connection = free.pop();
    connection ??= new WireConnection(target);
    const { status, body: text } = await connection.exchange(
      requestText('POST', target, 'content-type: application/json\r\n', body),
    );
    free.push(connection);
    if (status >= 300) throw new Error(`HTTP ${status} ${text.toString().slice(0, 200)}`);
  };
  const data = async (method: string, paramsText: string): Promise<string> => {
    const id = nextId++;
    const answered = new Promise<string>((resolve, reject) => waiting.set(id, { resolve, reject }));
    const [text] = await Promise.all([answered, post(messageText(id, method, paramsText))]);
    return text;
  };

  const close = (): void => {
    stream.destroy();
    for (const connection of free) connection.close();
  };
  try {
    await data('initialize', JSON.stringify(INITIALIZE));
    await post(messageText(undefined, 'notifications/initialized', '{}'));
  } catch (error) {
    close();
    throw error;
  }
  return {
    answer: async (method, paramsText) => Buffer.from(await data(method, paramsText)),
    request: async (method, params) => resultIn(await data(method, JSON.stringify(params))),
    close,
  };
}

function openStream(url: URL): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const request = get(url, { headers: { accept: 'text/event-stream' } }, (response) => {
      if (response.statusCode === 200) resolve(response);
      else reject(new Error(`HTTP ${response.statusCode}`));
    });
    request.on('error', reject);
  });
}

function readEvents(stream: IncomingMessage, take: (event: string, data: string) => void): void {
  let text = '';
  stream.setEncoding('utf8');
  stream.on('data', (chunk: string) => {
    text += chunk;
    for (let end = text.indexOf('\n\n'); end >= 0; end = text.indexOf('\n\n')) {
      const lines = text.slice(0, end).split('\n');
      text = text.slice(end + 2);
      const field = (name: string): string =>
        lines.find((line) => line.startsWith(`${name}: `))?.slice(name.length + 2) ?? '';
      take(field('event'), field('data'));
    }
  });
}
