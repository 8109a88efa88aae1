import type { Dispatcher, Pool } from 'undici';

export interface Message {
  readonly id?: number;
  readonly method?: string;
  readonly params?: Readonly<Record<string, unknown>>;
  readonly result?: Readonly<Record<string, unknown>>;
  readonly error?: { readonly code: number; readonly message: string };
}

export interface TalkerOptions {
  readonly pool: Pool;
  readonly path: string;
  readonly key: string;
  readonly era: 'legacy' | 'modern';
}

const META = {
  'io.modelcontextprotocol/protocolVersion': '2026-07-28',
  'io.modelcontextprotocol/clientInfo': { name: 'talker', version: '1.0.0' },
  'io.modelcontextprotocol/clientCapabilities': {},
};

/** A client as small as can be: its ids begin at 0 and go up by one, as those of everybody else do. */
export class Talker {
  readonly #options: TalkerOptions;
  readonly #headers: Record<string, string>;
  readonly #leaving = new AbortController();
  #id = 0;
  #stream: Promise<void> | undefined;

  constructor(options: TalkerOptions) {
    this.#options = options;
    this.#headers = {
      'content-type': 'application/json',
      accept: 'application/json, text/event-stream',
      authorization: `Bearer ${options.key}`,
    };
  }

  async connect(): Promise<void> {
    if (this.#options.era === 'modern') {
      this.#headers['mcp-protocol-version'] = '2026-07-28';
      return;
    }
    const clientInfo = { name: 'talker', version: '1.0.0' };
    await this.ask('initialize', { protocolVersion: '2025-11-25', capabilities: {}, clientInfo });
    this.#headers['mcp-protocol-version'] = '2025-11-25';
    const { statusCode, body } = await this.#post({ jsonrpc: '2.0', method: 'notifications/initialized' }, {});
    await body.dump();
    if (statusCode !== 202) throw new Error(`initialized: ${statusCode}`);
  }

  /** All messages that came in answer to one request, the last of which is its own answer. */
  async ask(method: string, params: Readonly<Record<string, unknown>>): Promise<readonly Message[]> {
    const id = this.#id++;
    const { statusCode, headers, body } = await this.#post(
      this.#request(id, method, params),
      this.#mirrored(method, params),
    );
    const session = headers['mcp-session-id'];
    if (typeof session === 'string') this.#headers['mcp-session-id'] = session;
    const messages = messagesIn(await body.text(), headers['content-type']);
    const last = messages.at(-1);
    if (last?.id !== id)
      throw new Error(`${method} ${id}: HTTP ${statusCode}, answered by ${JSON.stringify(messages)}`);
    return messages;
  }

  /** Keeps a stream open on which the host tells what nobody asked for. Resolves when it stands. */
  async listen(uri: string, onMessage: (message: Message) => void): Promise<void> {
    const { era, pool, path } = this.#options;
    const { signal } = this.#leaving;
    const id = this.#id++;
    const filter = { notifications: { resourceSubscriptions: [uri] } };
    const response =
      era === 'legacy'
        ? await pool.request({
            path,
            method: 'GET',
            headers: { ...this.#headers, accept: 'text/event-stream' },
            signal,
          })
        : await this.#post(
            this.#request(id, 'subscriptions/listen', filter),
            this.#mirrored('subscriptions/listen', {}),
            signal,
          );
    if (response.statusCode !== 200)
      throw new Error(`listen: HTTP ${response.statusCode} ${await response.body.text()}`);
    const { promise: stands, resolve } = Promise.withResolvers<void>();
    if (era === 'legacy') resolve();
    this.#stream = eachEvent(response.body, (message) => {
      if (message.method === 'notifications/subscriptions/acknowledged') resolve();
      else onMessage(message);
    });
    await stands;
    if (era === 'legacy') await this.ask('resources/subscribe', { uri });
  }

  async leave(): Promise<void> {
    this.#leaving.abort();
    await this.#stream;
  }

  #request(id: number, method: string, params: Readonly<Record<string, unknown>>): object {
    const { era } = this.#options;
    const meta = params['_meta'] as object | undefined;
    const all = era === 'legacy' ? params : { ...params, _meta: { ...META, ...meta } };
    return { jsonrpc: '2.0', id, method, params: all };
  }

  /** What a modern client repeats in headers. */
  #mirrored(method: string, params: Readonly<Record<string, unknown>>): Record<string, string> {
    if (this.#options.era === 'legacy') return {};
    const name = params['name'] ?? params['uri'];
    return { 'mcp-method': method, ...(typeof name === 'string' && { 'mcp-name': name }) };
  }

  #post(message: object, more: Record<string, string>, signal?: AbortSignal): Promise<Dispatcher.ResponseData> {
    const { pool, path } = this.#options;
    const body = JSON.stringify(message);
    return pool.request({
      path,
      method: 'POST',
      headers: { ...this.#headers, ...more },
      body,
      ...(signal && { signal }),
    });
  }
}

function messagesIn(body: string, type: string | string[] | undefined): Message[] {
  if (!String(type).startsWith('text/event-stream')) return [JSON.parse(body) as Message];
  return body.split('\n\n').flatMap(messageOf);
}

function messageOf(event: string): Message[] {
  const data = event
    .split('\n')
    .filter((line) => line.startsWith('data:'))
    .map((line) => line.slice(5).trim())
    .join('\n');
  return data === '' ? [] : [JSON.parse(data) as Message];
}

async function eachEvent(body: AsyncIterable<Uint8Array>, onMessage: (message: Message) => void): Promise<void> {
  const decoder = new TextDecoder();
  let rest = '';
  try {
    for await (const chunk of body) {
      rest += decoder.decode(chunk, { stream: true });
      const events = rest.split('\n\n');
      rest = events.pop() ?? '';
      events.flatMap(messageOf).forEach(onMessage);
    }
  } catch {
    // It left, or the host did: what came until then was looked at.
  }
}
