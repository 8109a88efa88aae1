/** One session of the legacy era with a gateway, over whichever of the two HTTP transports it has. */
export interface PeerSession {
  /** The result, parsed; an error of the gateway is thrown. */
  request(method: string, params: object): Promise<unknown>;
  /** The bytes of the answer, for calls by the thousand: unparsed where the transport lets us. */
  answer(method: string, paramsText: string): Promise<Buffer>;
  close(): void;
}

export interface PeerEndpoint {
  readonly url: string;
  readonly transport: 'streamable' | 'sse';
  readonly headers: Readonly<Record<string, string>>;
}

const REVISION = '2025-11-25';

export const INITIALIZE = {
  protocolVersion: REVISION,
  capabilities: {},
  clientInfo: { name: 'bench', version: '1.0.0' },
} as const;

export function messageText(id: number | undefined, method: string, paramsText: string): string {
  return id === undefined
    ? `{"jsonrpc":"2.0","method":"${method}","params":${paramsText}}`
    : `{"jsonrpc":"2.0","id":${id},"method":"${method}","params":${paramsText}}`;
}

/** The result in an answer, which is a JSON message or a stream of events of which the last has it. */
export function resultIn(text: string): unknown {
  const data = text.startsWith('{')
    ? text
    : (text
        .match(/^data: ?(\{.*)$/gm)
        ?.at(-1)
        ?.replace(/^data: ?/, '') ?? '');
  if (data === '') throw new Error(`no message in the answer: ${text.slice(0, 200)}`);
  const message = JSON.parse(data) as { readonly result?: unknown; readonly error?: { readonly message?: string } };
  if (message.result === undefined) throw new Error(message.error?.message ?? `no result: ${data.slice(0, 200)}`);
  return message.result;
}

/** Gateways put names before those of the tools; the echo is the one that still ends in its own. */
export function echoAmong(names: readonly string[]): string | undefined {
  return names.find((name) => name === 'echo') ?? names.find((name) => /[^a-z]echo$/i.test(name));
}
