/** What the two echo servers answer, so that both are the same server behind different transports. */
const REVISION = '2025-11-25';

/** The tool answers with this many bytes of text, which begins with the era in which it was called. */
export function createAnswers(resultBytes: number): (message: Message) => string | undefined {
  const resultIn = (era: string): string => {
    const text = JSON.stringify(`${era} ${'x'.repeat(resultBytes)}`);
    return `{"content":[{"type":"text","text":${text}}]${era === 'modern' ? ',"resultType":"complete"' : ''}}`;
  };
  const results = { legacy: resultIn('legacy'), modern: resultIn('modern') };
  return ({ id, method, params }) => {
    if (id === undefined) return undefined;
    const isModern = params?._meta?.['io.modelcontextprotocol/protocolVersion'] !== undefined;
    const result = describing(method, isModern) ?? results[isModern ? 'modern' : 'legacy'];
    return `{"jsonrpc":"2.0","id":${JSON.stringify(id)},"result":${result}}`;
  };
}

export interface Message {
  readonly id?: string | number;
  readonly method?: string;
  readonly params?: { readonly _meta?: Record<string, unknown> };
}

function describing(method: string | undefined, isModern: boolean): string | undefined {
  const extra = isModern ? ',"resultType":"complete","ttlMs":0,"cacheScope":"private"' : '';
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
