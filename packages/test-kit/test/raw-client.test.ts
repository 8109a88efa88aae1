import { once } from 'node:events';
import { createServer } from 'node:http';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { alive, exchange, openExchange, sendBytes, startProcess, temporaryDirectory } from '../src/index.ts';

const servers: Server[] = [];

async function listen(answer: (incoming: IncomingMessage, outgoing: ServerResponse) => void): Promise<string> {
  const server = createServer(answer).listen(0, '127.0.0.1');
  servers.push(server);
  await once(server, 'listening');
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
}

afterEach(() => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    server.close();
  }
});

describe('exchange', () => {
  it('sends pairs of headers as they are, also twice', async () => {
    const url = await listen((incoming, outgoing) => outgoing.end(JSON.stringify(incoming.rawHeaders)));
    const headers = [
      ['Authorization', 'one'],
      ['authorization', 'two'],
      ['X-Case', 'Kept'],
    ] as const;
    const { text } = await exchange(url, { headers });
    expect(JSON.parse(text)).toEqual([
      'Host',
      new URL(url).host,
      'Authorization',
      'one',
      'authorization',
      'two',
      'X-Case',
      'Kept',
      'Connection',
      'close',
    ]);
  });

  it('sends text unchanged and leaves its type to the caller', async () => {
    const url = await listen((incoming, outgoing) => {
      outgoing.setHeader('x-type', incoming.headers['content-type'] ?? 'none');
      incoming.pipe(outgoing);
    });
    const answer = await exchange(url, { body: '{"half":' });
    expect(answer.text).toBe('{"half":');
    expect(answer.headers['x-type']).toBe('none');
    expect(answer.messages).toEqual([]);
  });

  it('fails when the server is silent for too long', async () => {
    const url = await listen(() => undefined);
    await expect(exchange(url, { timeout: 50 })).rejects.toThrow('silent for 50 ms');
  });

  it('can be aborted', async () => {
    const url = await listen(() => undefined);
    await expect(exchange(url, { signal: AbortSignal.timeout(50) })).rejects.toThrow('aborted');
  });
});

describe('openExchange', () => {
  it('gives events while the server still writes', async () => {
    const streams: ServerResponse[] = [];
    const url = await listen((_, outgoing) => {
      streams.push(outgoing.writeHead(200, { 'content-type': 'text/event-stream' }));
      outgoing.write('data: {"id":1}\n\n');
    });
    await using open = await openExchange(url);
    expect(await open.nextMessage()).toEqual({ id: 1 });
    streams[0]?.write(': keepalive\n\ndata: {"id":2}\n\n');
    expect(await open.nextMessage()).toEqual({ id: 2 });
    streams[0]?.end('data: {"id":3}\n\n');
    const all = await open.finish();
    expect(all.messages).toEqual([{ id: 1 }, { id: 2 }, { id: 3 }]);
    expect(all.events[1]).toEqual({ comments: ['keepalive'] });
  });

  it('is noticed by the server when it goes away', async () => {
    const gone = Promise.withResolvers<string>();
    const url = await listen((_, outgoing) => {
      outgoing.writeHead(200, { 'content-type': 'text/event-stream' }).flushHeaders();
      outgoing.once('close', () => gone.resolve('gone'));
    });
    (await openExchange(url)).close();
    expect(await gone.promise).toBe('gone');
  });
});

describe('sendBytes', () => {
  it('sends what no client library would', async () => {
    const url = await listen((_, outgoing) => outgoing.end());
    expect(await sendBytes(url, 'GET / HTTP/1.1\r\n\r\n')).toMatch(/^HTTP\/1\.1 400 /);
  });
});

describe('startProcess', () => {
  const node = process.execPath;

  it('waits for a line and ends its child', async () => {
    const started = await startProcess(node, ['-e', 'console.error("ready 7"); setInterval(() => {}, 1e6)'], {
      waitFor: /^ready/,
    });
    expect(started.firstLine).toBe('ready 7');
    expect(alive(started.pid)).toBe(true);
    expect(await started.stop()).toEqual({ code: null, signal: 'SIGTERM' });
    expect(alive(started.pid)).toBe(false);
  });

  it('fails with the output when the line never comes, and leaves no child', async () => {
    // A shell is there at once: what it says has to come before the time is over, also on a busy machine.
    const script = 'echo "pid $$"; exec sleep 1000';
    const failure = await startProcess('/bin/sh', ['-c', script], { waitFor: /ready/, timeout: 3_000 }).then(
      () => 'started',
      (error: unknown) => String(error),
    );
    const pid = Number(/pid (\d+)/.exec(failure)?.[1]);
    expect(failure).toContain('no matching line within 3000 ms');
    expect(pid).toBeGreaterThan(0);
    expect(alive(pid)).toBe(false);
  });

  it('fails at once when the child ends before the line', async () => {
    const begin = performance.now();
    await expect(startProcess('/bin/sh', ['-c', 'exit 3'], { waitFor: /ready/ })).rejects.toThrow('exited with 3');
    expect(performance.now() - begin).toBeLessThan(10_000);
  });

  it('fails when there is no such command', async () => {
    await expect(startProcess('/no/such/command', [], { waitFor: /ready/ })).rejects.toThrow('ENOENT');
  });

  it('insists when the child does not listen', async () => {
    const script = 'process.on("SIGTERM", () => {}); console.log("ready"); setInterval(() => {}, 1e6)';
    const started = await startProcess(node, ['-e', script], { waitFor: /ready/ });
    expect(await started.stop(50)).toEqual({ code: null, signal: 'SIGKILL' });
  });
});

describe('temporaryDirectory', () => {
  it('is gone after use', async () => {
    const { access, writeFile } = await import('node:fs/promises');
    let path: string;
    {
      await using directory = await temporaryDirectory();
      ({ path } = directory);
      await writeFile(`${path}/file`, 'x');
    }
    await expect(access(path)).rejects.toThrow('ENOENT');
  });
});
