import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import type { AddressInfo, Socket } from 'node:net';

/** What a network does to connections, those that are open included. */
export type NetworkFault =
  | { readonly kind: 'none' }
  /** Every piece comes later, in both directions. */
  | { readonly kind: 'latency'; readonly milliseconds: number }
  /** After so many more bytes of the server the connection is reset (RST). */
  | { readonly kind: 'reset'; readonly afterBytes: number }
  /** After so many more bytes of the server the connection ends as if all was well (FIN). */
  | { readonly kind: 'truncate'; readonly afterBytes: number }
  /** Connections are accepted and nothing passes any more: half-open. */
  | { readonly kind: 'blackhole' }
  /** Nobody listens; what is open is reset. */
  | { readonly kind: 'refuse' };

/** A way to a server that can be spoilt while it is in use. */
export interface FaultProxy extends AsyncDisposable {
  /** As the one that was given, with the address of the proxy. */
  readonly url: string;
  /** Connections that clients have opened so far. */
  opened(): number;
  /** Connections that are open now. */
  open(): number;
  /** Resolves when the network is like that. */
  set(fault: NetworkFault): Promise<void>;
}

interface Pair {
  readonly client: Socket;
  readonly server: Socket;
  /** Bytes of the server that still pass, for faults that count. */
  budget: number;
}

/** A TCP proxy on loopback in front of the host and port of `url`. */
export async function startFaultProxy(url: string): Promise<FaultProxy> {
  const target = new URL(url);
  const pairs = new Set<Pair>();
  let fault: NetworkFault = { kind: 'none' };
  let opened = 0;

  const listener = createServer({ allowHalfOpen: true }, (client) => {
    opened += 1;
    const server = connect({ host: target.hostname, port: Number(target.port), allowHalfOpen: true });
    const pair: Pair = { client, server, budget: budgetOf(fault) };
    pairs.add(pair);
    client.on('data', (chunk: Buffer) => passOn(fault, { from: client, to: server, chunk }));
    server.on('data', (chunk: Buffer) => passBack(fault, pair, chunk));
    for (const [from, to] of [
      [client, server],
      [server, client],
    ] as const) {
      from.on('end', () => later(fault, () => fault.kind !== 'blackhole' && to.end()));
      from.on('error', () => to.destroy());
      from.on('close', () => {
        pairs.delete(pair);
        later(fault, () => to.destroySoon());
      });
    }
  });
  const listen = async (port: number): Promise<number> => {
    listener.listen(port, '127.0.0.1');
    await once(listener, 'listening');
    return (listener.address() as AddressInfo).port;
  };
  const refuse = async (): Promise<void> => {
    for (const { client } of pairs) client.resetAndDestroy();
    if (listener.listening) await new Promise((resolve) => listener.close(resolve));
  };
  const port = await listen(0);
  const proxied = new URL(url);
  proxied.host = `127.0.0.1:${port}`;
  return {
    url: proxied.href,
    opened: () => opened,
    open: () => pairs.size,
    async set(next) {
      fault = next;
      for (const pair of pairs) pair.budget = budgetOf(next);
      if (next.kind === 'refuse') await refuse();
      else if (!listener.listening) await listen(port);
    },
    [Symbol.asyncDispose]: refuse,
  };
}

function budgetOf(fault: NetworkFault): number {
  return fault.kind === 'reset' || fault.kind === 'truncate' ? fault.afterBytes : Infinity;
}

interface Piece {
  readonly from: Socket;
  readonly to: Socket;
  readonly chunk: Buffer;
}

function passOn(fault: NetworkFault, { from, to, chunk }: Piece): void {
  if (fault.kind === 'blackhole') return;
  if (fault.kind === 'latency') return later(fault, () => !to.destroyed && to.write(chunk));
  if (to.write(chunk)) return;
  from.pause();
  to.once('drain', () => from.resume());
}

/** With latency the end of a stream must not overtake what was said before it. */
function later(fault: NetworkFault, action: () => unknown): void {
  if (fault.kind === 'latency') setTimeout(action, fault.milliseconds);
  else action();
}

function passBack(fault: NetworkFault, pair: Pair, chunk: Buffer): void {
  const { client, server } = pair;
  if (chunk.length < pair.budget) {
    pair.budget -= chunk.length;
    passOn(fault, { from: server, to: client, chunk });
    return;
  }
  server.pause();
  const last = chunk.subarray(0, pair.budget);
  if (fault.kind === 'truncate') client.end(last, () => client.destroySoon());
  else if (last.length === 0) client.resetAndDestroy();
  else client.write(last, () => client.resetAndDestroy());
}
