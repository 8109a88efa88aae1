import { writeFileSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';

/** Long enough for any machine on which figures mean anything. */
const LONGEST_START_MS = 10_000;

/** One process that passes requests on and keeps its connections, as nginx would be set up for this by somebody who knows it. */
export async function writeNginxConfig(directory: string, upstream: URL): Promise<{ file: string; url: URL }> {
  const port = await freePort();
  const file = join(directory, 'nginx.conf');
  const places = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'];
  const temporary = places.map((place) => `  ${place}_temp_path ${join(directory, `nginx-${place}`)};`);
  writeFileSync(
    file,
    `daemon off; master_process off; worker_processes 1; error_log stderr error; pid ${join(directory, 'nginx.pid')};
events { worker_connections 4096; }
http {
  access_log off; keepalive_requests 1000000000; keepalive_timeout 600s;
${temporary.join('\n')}
  upstream echo { server ${upstream.host}; keepalive 64; keepalive_requests 1000000000; }
  server {
    listen 127.0.0.1:${port};
    location / {
      proxy_pass http://echo; proxy_http_version 1.1; proxy_set_header Connection "";
      proxy_buffers 64 64k; proxy_max_temp_file_size 0;
    }
  }
}
`,
  );
  return { file, url: new URL(upstream.pathname, `http://127.0.0.1:${port}`) };
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

/** It says nothing when it is ready. */
export async function listening(url: URL): Promise<void> {
  const end = performance.now() + LONGEST_START_MS;
  while (performance.now() < end) {
    const answered = await new Promise<boolean>((resolve) => {
      const socket = connect(Number(url.port), url.hostname, () => resolve(true));
      socket.on('error', () => resolve(false)).on('close', () => resolve(false));
      socket.on('connect', () => socket.destroy());
    });
    if (answered) return;
    await setTimeout(20);
  }
  throw new Error(`nothing listens at ${url.host} after ${LONGEST_START_MS / 1000} s`);
}
