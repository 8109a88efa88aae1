import { once } from 'node:events';
import { connect } from 'node:net';

/** Writes bytes to a port and gives back all that came before the other side closed; for requests that no library would send. */
export async function sendBytes(url: string, bytes: string | Uint8Array, timeout = 5_000): Promise<string> {
  const { hostname, port } = new URL(url);
  const socket = connect({ host: hostname, port: Number(port) });
  const signal = AbortSignal.timeout(timeout);
  let text = '';
  socket.setEncoding('latin1').on('data', (chunk: string) => {
    text += chunk;
  });
  socket.write(bytes);
  try {
    await once(socket, 'close', { signal });
    return text;
  } catch (error) {
    if (signal.aborted) return text; // The server keeps the connection: what it said is the answer.
    throw error;
  } finally {
    socket.destroy();
  }
}
