/** What the two echo servers answer, so that both are the same server behind different transports. */
const REVISION = '2025-11-25';

/** The tool answers with this many bytes of text. */
export function createAnswers(resultBytes: number): (message: Message) => string | undefined {
  const text = JSON.stringify('x'.repeat(resultBytes));
  const callResult = `{"content":[{"type":"text","text":${text}}]}`;
  return ({ id, method, params }) => {
    if (id === undefined) return undefined;
    return `{"jsonrpc":"2.0","id":${JSON.stringify(id)},"result":${resultOf(method, params) ?? callResult}}`;
  };
}

export interface Message {
  readonly id?: string | number;
  readonly method?: string;
  readonly params?: { readonly _meta?: Record<string, unknown> };
}

function resultOf(method: string | undefined, params: Message['params']): string | undefined {
  const modern = params?._meta?.['io.modelcontextprotocol/protocolVersion'] !== undefined;
  const extra = modern ? ',"resultType":"complete","ttlMs":0,"cacheScope":"private"' : '';
  const info = '{"name":"echo","version":"1.0.0"}';
  switch (method ?? '') {
    case 'initialize':
      return `{"protocolVersion":"${REVISION}","capabilities":{"tools":{}},"serverInfo":${info}}`;
    case 'server/discover':
      return `{"supportedVersions":["2026-07-28"],"capabilities":{"tools":{}},"_meta":{"io.modelcontextprotocol/serverInfo":${info}}${extra}}`;
    case 'tools/list':
      return `{"tools":[{"name":"echo","inputSchema":{"type":"object"}}]${extra}}`;
    default:
      return undefined;
  }
}
