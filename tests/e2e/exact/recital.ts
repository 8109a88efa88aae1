/** What stands in a written answer for the id of the request. */
const ID = '@ID@';
const TOOL = { name: 'echo', inputSchema: { type: 'object' } };

export type Era = 'legacy' | 'modern';

interface Asked {
  readonly id?: number | string;
  readonly method: string;
}

export interface Recited {
  readonly isCall: boolean;
  /** Undefined where nothing is to be said. */
  readonly answer: Buffer | undefined;
  /** An answer that nobody can misunderstand, for a pipe on which the other may have been none. */
  readonly plain: Buffer | undefined;
}

/** What a server says that has one tool, and answers its calls with what it was told to say, byte for byte. */
export function recite(raw: Uint8Array, era: Era, script: Uint8Array): Recited {
  const { id, method } = JSON.parse(Buffer.from(raw).toString()) as Asked;
  if (id === undefined) return { isCall: false, answer: undefined, plain: undefined };
  const isCall = method === 'tools/call';
  const plain = toBytes({ id, error: { code: -32_000, message: 'That was no answer' } });
  if (isCall) return { isCall, answer: withId(Buffer.from(script), JSON.stringify(id)), plain };
  const result = resultOf(method, era);
  const said = result === undefined ? { error: { code: -32_601, message: 'Unknown method' } } : { result };
  return { isCall, answer: toBytes({ id, ...said }), plain: undefined };
}

function resultOf(method: string, era: Era): object | undefined {
  const modern = era === 'modern' && { resultType: 'complete', ttlMs: 3_600_000, cacheScope: 'public' };
  const serverInfo = { name: 'reciting', version: '1' };
  if (method === 'initialize' && era === 'legacy') {
    return { protocolVersion: '2025-11-25', capabilities: { tools: {} }, serverInfo };
  }
  if (method === 'server/discover' && era === 'modern') {
    const meta = { 'io.modelcontextprotocol/serverInfo': serverInfo };
    return { supportedVersions: ['2026-07-28'], capabilities: { tools: {} }, ...modern, _meta: meta };
  }
  if (method === 'tools/list') return { tools: [TOOL], ...modern };
  return method === 'ping' ? {} : undefined;
}

function toBytes(message: object): Buffer {
  return Buffer.from(JSON.stringify({ jsonrpc: '2.0', ...message }));
}

function withId(script: Buffer, id: string): Buffer {
  const pieces: Buffer[] = [];
  let from = 0;
  for (let at = script.indexOf(ID); at !== -1; at = script.indexOf(ID, from)) {
    pieces.push(script.subarray(from, at), Buffer.from(id));
    from = at + ID.length;
  }
  return Buffer.concat([...pieces, script.subarray(from)]);
}
