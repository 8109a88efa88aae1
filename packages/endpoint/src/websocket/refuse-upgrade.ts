import process from 'node:process';
import type { Duplex } from 'node:stream';

export interface UpgradeRefusal {
  readonly status: number;
  readonly contentType: string;
  readonly body: string | Uint8Array;
  readonly headers?: Readonly<Record<string, string>>;
}

/** Answers an upgrade request in plain HTTP and ends its connection. */
export function refuseUpgrade(socket: Duplex, { status, contentType, body, headers = {} }: UpgradeRefusal): void {
  if (!socket.writable) return void socket.destroy();
  // Not imported: see create-server.ts of apps/api.
  const { STATUS_CODES } = process.getBuiltinModule('node:http');
  const fields = Object.entries({
    ...headers,
    'content-type': contentType,
    'content-length': String(Buffer.byteLength(body)),
    connection: 'close',
  });
  const head = fields.map(([name, value]) => `${name}: ${value}\r\n`).join('');
  socket.on('error', () => {});
  socket.once('finish', () => socket.destroy());
  socket.write(`HTTP/1.1 ${status} ${STATUS_CODES[status] ?? 'Error'}\r\n${head}\r\n`);
  socket.end(body);
}
