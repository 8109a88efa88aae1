import { createServer } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { RequestListener, Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { TestAuthority } from '@hostler/test-kit/test-authority';
import { afterEach, describe, expect, it } from 'vitest';
import { runInMemory } from './support/run-in-memory.ts';

const servers: Server[] = [];

afterEach(() => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    server.close();
  }
});

async function serve(listener: RequestListener, server: Server = createServer(listener)): Promise<string> {
  servers.push(server);
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  return String((server.address() as AddressInfo).port);
}

function answers(status: number, body: object): RequestListener {
  return (_request, response) => {
    response.writeHead(status, { 'content-type': 'application/json' });
    response.end(JSON.stringify(body));
  };
}

describe('hostler health', () => {
  it.each([
    [200, { status: 'ready', phase: 'running' }, 0, 'ready'],
    [503, { status: 'not ready', phase: 'starting' }, 3, 'not ready'],
    [500, { status: 'something else' }, 3, 'status 500'],
  ])('asks the host at PORT: %s', async (status, body, code, text) => {
    const asked: (string | undefined)[] = [];
    const port = await serve((request, response) => {
      asked.push(request.url);
      answers(status, body)(request, response);
    });
    const { exitCode, stdout } = await runInMemory(['health'], { environment: { PORT: port } });
    expect(stdout()).toContain(`${text} (http://127.0.0.1:${port}/readyz`);
    expect(exitCode).toBe(code);
    expect(asked).toEqual(['/readyz']);
  });

  it('asks whether the process lives with --live', async () => {
    const port = await serve((request, response) =>
      answers(request.url === '/livez' ? 200 : 503, {})(request, response),
    );
    const { exitCode, stdout } = await runInMemory(['health', '--live', '--json'], { environment: { PORT: port } });
    expect(exitCode).toBe(0);
    expect(JSON.parse(stdout())).toMatchObject({ healthy: true, url: `http://127.0.0.1:${port}/livez` });
  });

  it('asks a host that speaks TLS, whatever names its certificate is for', async () => {
    const { certificate: cert, key } = await (await TestAuthority.create()).issue(['DNS:hostler.example.com']);
    const listener = answers(200, { status: 'ready' });
    const port = await serve(listener, createTlsServer({ cert, key }, listener));
    const { exitCode, stdout } = await runInMemory(['health'], { environment: { PORT: port } });
    expect(stdout()).toContain(`ready (https://127.0.0.1:${port}/readyz`);
    expect(exitCode).toBe(0);
  });

  it('is over in time when nobody answers', async () => {
    const port = await serve(() => undefined);
    const { exitCode, stdout } = await runInMemory(['health', '--timeout', '0.1'], { environment: { PORT: port } });
    expect(stdout()).toContain('no answer in time');
    expect(exitCode).toBe(3);
  });

  it('says that nothing listens', async () => {
    const { exitCode, stdout } = await runInMemory(['health', '--url', 'http://127.0.0.1:1']);
    expect(stdout()).toContain('nothing listens');
    expect(exitCode).toBe(3);
  });

  it.each([
    ['health', '--timeout', 'soon'],
    ['health', '--timeout', '0'],
    ['health', '--url', 'ftp://host'],
  ])('refuses %s %s %s', async (...line) => {
    const { exitCode } = await runInMemory(line);
    expect(exitCode).toBe(2);
  });
});
