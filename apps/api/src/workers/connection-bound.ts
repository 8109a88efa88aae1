import type { Socket } from 'node:net';

/** Counts connections that came from elsewhere, of which a server itself knows no number. */
export function createConnectionBound(most: number): (socket: Socket) => boolean {
  let open = 0;
  return (socket) => {
    if (open >= most) return false;
    open += 1;
    socket.once('close', () => {
      open -= 1;
    });
    return true;
  };
}
