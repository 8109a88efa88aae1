import { inOnePiece } from '@hostler/protocol';
import type { OriginRequest } from './origin-request.ts';

/** Source: RFC 9110, 5.6.2. */
const TOKEN = /^[!#$%&'*+\-.^_`|~\dA-Za-z]+$/;
/** Source: RFC 9110, 5.5. A character beyond latin1 would become another one on the wire: a line end, say. */
const NOT_IN_VALUE = /[^\t\x20-\x7e\x80-\xff]/;
/** Source: RFC 9112, 3.2: a target holds no blank. What is not ASCII has to come percent-encoded. */
const TARGET = /^[\x21-\x7e]+$/;

/** What these say is for the connection to say: a second word on where a body ends is how requests are smuggled. */
const OWN: ReadonlySet<string> = new Set([
  'connection',
  'content-length',
  'expect',
  'keep-alive',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
]);

/** What stays the same in the heads of many requests. */
interface Beginning {
  readonly method: OriginRequest['method'];
  readonly path: string;
  readonly text: string;
}

/**
 * Writes the heads of requests to one origin. Whoever sends the same list of headers again and again has it checked and
 * written once: 2 µs of a call.
 */
export class RequestHeads {
  readonly #host: string;
  readonly #known = new WeakMap<readonly string[], Beginning>();

  /** @param host the value of `host` unless the headers hold one */
  constructor(host: string) {
    this.#host = host;
  }

  /**
   * In latin1, up to and with the empty line.
   * @throws Error when something in it could be read as something else
   */
  of({ method, path, headers, body }: OriginRequest): string {
    let known = this.#known.get(headers);
    if (known === undefined || known.method !== method || known.path !== path) {
      known = { method, path, text: inOnePiece(beginningOf(method, path, headers, this.#host)) };
      this.#known.set(headers, known);
    }
    return `${known.text}${lengthField(method, body)}\r\n`;
  }
}

function beginningOf(method: OriginRequest['method'], path: string, headers: readonly string[], host: string): string {
  if (!TARGET.test(path)) throw new Error('the path of a request holds a character that may not be there');
  if (headers.length % 2 !== 0) throw new Error('a header of a request has no value');
  let fields = '';
  let hasHost = false;
  for (let index = 0; index < headers.length; index += 2) {
    const name = headers[index] as string;
    const value = headers[index + 1] as string;
    checkField(name, value);
    const lowerName = name.toLowerCase();
    if (OWN.has(lowerName)) throw new Error(`the header ${lowerName} is not for callers to set`);
    if (lowerName === 'host') {
      if (hasHost) throw new Error('a request has two hosts');
      hasHost = true;
    }
    fields += `${name}: ${value}\r\n`;
  }
  // Source: RFC 9110, 7.2: the host should be the first field.
  const before = hasHost ? '' : `host: ${host}\r\n`;
  return `${method} ${path} HTTP/1.1\r\n${before}${fields}`;
}

function checkField(name: string, value: string): void {
  if (!TOKEN.test(name)) throw new Error('the name of a header holds a character that may not be there');
  if (NOT_IN_VALUE.test(value)) throw new Error('the value of a header holds a character that may not be there');
}

/** Source: RFC 9110, 8.6: a POST without a body says so; for the others nothing is said. */
function lengthField(method: OriginRequest['method'], body: Uint8Array | undefined): string {
  if (body !== undefined && (body.length > 0 || method === 'POST')) return `content-length: ${body.length}\r\n`;
  return method === 'POST' ? 'content-length: 0\r\n' : '';
}
