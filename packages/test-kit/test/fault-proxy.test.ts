import { createServer } from 'node:http';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { exchange, startFaultProxy } from '../src/index.ts';
import type { FaultProxy } from '../src/index.ts';

let server: Server;
let proxy: FaultProxy;

beforeEach(async () => {
  server = createServer((_request, response) => response.end('x'.repeat(1_000)));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  proxy = await startFaultProxy(`http://127.0.0.1:${(server.address() as AddressInfo).port}/path`);
});

afterEach(async () => {
  await proxy[Symbol.asyncDispose]();
  await new Promise((resolve) => server.close(resolve));
});

describe('the fault proxy', () => {
  it('passes everything, and counts', async () => {
    expect((await exchange(proxy.url)).text).toHaveLength(1_000);
    expect(proxy.opened()).toBe(1);
    expect(proxy.url).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/path$/);
  });

  it('delays in both directions', async () => {
    await proxy.set({ kind: 'latency', milliseconds: 50 });
    const begun = performance.now();
    await exchange(proxy.url);
    expect(performance.now() - begun).toBeGreaterThanOrEqual(99);
  });

  it.each(['reset', 'truncate'] as const)('%s: ends the answer in the middle', async (kind) => {
    await proxy.set({ kind, afterBytes: 400 });
    await expect(exchange(proxy.url)).rejects.toMatchObject({ code: 'ECONNRESET' });
  });

  it('swallows everything', async () => {
    await proxy.set({ kind: 'blackhole' });
    await expect(exchange(proxy.url, { timeout: 200 })).rejects.toThrow('silent for 200 ms');
  });

  it('refuses, until it is told otherwise', async () => {
    await proxy.set({ kind: 'refuse' });
    await expect(exchange(proxy.url)).rejects.toMatchObject({ code: 'ECONNREFUSED' });
    await proxy.set({ kind: 'none' });
    expect((await exchange(proxy.url)).status).toBe(200);
    await expect.poll(() => proxy.open(), { timeout: 20_000 }).toBe(0);
  });
});
