/** What the two echo servers answer, so that both are the same server behind different transports. */
const REVISION = '2025-11-25';

export interface EchoOptions {
  /** Bytes of text in a result, when a call does not ask for another number of them. */
  readonly bytes: number;
  /** How many tools it lists; the first of them is the one that is called. */
  readonly tools: number;
}

export interface Message {
  readonly id?: string | number;
  readonly method?: string;
  readonly params?: {
    readonly _meta?: Record<string, unknown>;
    readonly protocolVersion?: string;
    readonly arguments?: { readonly bytes?: number };
  };
}

/** An answer in two parts: what differs between calls, and what is made once and costs this server next to nothing. */
export interface Answer {
  readonly head: string;
  readonly rest: Rest;
}

interface Rest {
  readonly text: string;
  readonly bytes: Buffer;
}

/** A result's text begins with the era in which the tool was called, and has the number of bytes asked for after that. */
export function createAnswers(options: EchoOptions): (message: Message) => Answer | undefined {
  const results = new Map<string, Rest>();
  const restFor = (key: string, result: () => string): Rest => {
    let rest = results.get(key);
    if (rest === undefined) {
      const text = `,"result":${result()}}`;
      rest = { text, bytes: Buffer.from(text) };
      results.set(key, rest);
    }
    return rest;
  };
  return ({ id, method = '', params }) => {
    if (id === undefined) return undefined;
    const era = params?._meta?.['io.modelcontextprotocol/protocolVersion'] === undefined ? 'legacy' : 'modern';
    const head = `{"jsonrpc":"2.0","id":${JSON.stringify(id)}`;
    if (method !== 'tools/call') {
      // The revision that the client asks for: there are gateways that end a session in any other.
      const revision = params?.protocolVersion ?? REVISION;
      const describe = (): string => describing(method, era === 'modern', { revision, tools: options.tools });
      return { head, rest: restFor(`${era} ${method} ${revision}`, describe) };
    }
    const bytes = params?.arguments?.bytes ?? options.bytes;
    return { head, rest: restFor(`${era} ${bytes}`, () => resultIn(era, bytes)) };
  };
}

function resultIn(era: string, bytes: number): string {
  const text = JSON.stringify(`${era} ${wordsOf(bytes)}`);
  return `{"content":[{"type":"text","text":${text}}]${era === 'modern' ? ',"resultType":"complete"' : ''}}`;
}

const LETTERS = 'etaoinshrdlucmfwypvbgkjqxz0123456789';

/**
 * Words that are the same in each run. Not one letter again and again: how long a search for secrets takes would depend on whether
 * any of them holds that letter three times.
 */
export function wordsOf(bytes: number): string {
  let words = '';
  let state = 1;
  while (words.length < bytes) {
    // Source: Numerical Recipes, 7.1.
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    const drawn = state >>> 16;
    words += drawn % 6 === 0 ? ' ' : LETTERS.charAt((drawn >>> 3) % LETTERS.length);
  }
  return words;
}

function describing(
  method: string,
  isModern: boolean,
  { revision, tools }: { readonly revision: string; readonly tools: number },
): string {
  const extra = isModern ? ',"resultType":"complete","ttlMs":0,"cacheScope":"private"' : '';
  const info = '{"name":"echo","version":"1.0.0"}';
  switch (method) {
    case 'initialize':
      return `{"protocolVersion":"${revision}","capabilities":{"tools":{}},"serverInfo":${info}}`;
    case 'server/discover':
      return `{"supportedVersions":["2026-07-28"],"capabilities":{"tools":{}},"_meta":{"io.modelcontextprotocol/serverInfo":${info}}${extra}}`;
    case 'tools/list': {
      const names = Array.from({ length: tools }, (_, index) => (index === 0 ? 'echo' : `tool_${index}`));
      const listed = names.map((name) => ({ name, inputSchema: { type: 'object' } }));
      return `{"tools":${JSON.stringify(listed)}${extra}}`;
    }
    default:
      return `{"content":[]${isModern ? ',"resultType":"complete"' : ''}}`;
  }
}
