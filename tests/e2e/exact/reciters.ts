import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { recite } from './recital.ts';
import type { Era } from './recital.ts';

const PROGRAM = fileURLToPath(new URL('reciting-program.ts', import.meta.url));
/** Bytes that are written at a time, so that what is large arrives in pieces. */
const PIECE = 40_000;

/** A server that says what it is told to, and knows the bytes of every call that reached it. */
export interface Reciter extends AsyncDisposable {
  /** What the configuration says of it. */
  readonly entry: object;
  /** The answer to calls from now on; `@ID@` stands for the id. */
  say(script: Uint8Array): void;
  /** The calls that came since it was asked last. */
  taken(): readonly Uint8Array[];
}

/** @param folder of its own */
export function programReciter(era: Era, folder: string, name: string): Reciter {
  const asked = join(folder, `${name}.asked`);
  const script = join(folder, `${name}.script`);
  writeFileSync(asked, '');
  writeFileSync(script, '');
  return {
    entry: { command: process.execPath, args: [PROGRAM, era, asked, script], cwd: folder, era },
    say: (said) => writeFileSync(script, said),
    taken() {
      const lines = linesOf(readFileSync(asked));
      writeFileSync(asked, '');
      return lines;
    },
    [Symbol.asyncDispose]: async () => undefined,
  };
}

export async function networkReciter(era: Era, form: 'json' | 'events'): Promise<Reciter> {
  let script: Uint8Array = Buffer.from('');
  let asked: Uint8Array[] = [];
  const server = createServer((request, response) => void answer(request, response).catch(() => response.destroy()));

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    if (request.method !== 'POST') return void response.writeHead(405).end();
    const raw = await buffer(request);
    const { isCall, answer: said } = recite(raw, era, script);
    if (isCall) asked.push(raw);
    if (said === undefined) return void response.writeHead(202).end();
    const isEvent = isCall && form === 'events';
    response.writeHead(200, { 'content-type': isEvent ? 'text/event-stream' : 'application/json' });
    const all = isEvent ? Buffer.concat([Buffer.from('data: '), said, Buffer.from('\n\n')]) : said;
    for (let at = 0; at < all.length; at += PIECE) response.write(all.subarray(at, at + PIECE));
    response.end();
  }

  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    entry: { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/mcp`, type: 'streamable-http', era },
    say: (said) => void (script = said),
    taken() {
      const calls = asked;
      asked = [];
      return calls;
    },
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function linesOf(bytes: Buffer): readonly Buffer[] {
  const lines: Buffer[] = [];
  let from = 0;
  for (let end = bytes.indexOf('\n'); end !== -1; end = bytes.indexOf('\n', from)) {
    lines.push(bytes.subarray(from, end));
    from = end + 1;
  }
  return lines;
}
