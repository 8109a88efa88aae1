import { spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { browse } from './browser.ts';
import { startOpenIdProvider } from './openid-provider.ts';
import type { OpenIdProvider } from './openid-provider.ts';
import { serveSignedIn } from './signed-in-host.ts';
import type { SignedInHost } from './signed-in-host.ts';

const INSPECTOR = fileURLToPath(
  new URL('../node_modules/@modelcontextprotocol/inspector/clients/launcher/build/index.js', import.meta.url),
);

let provider: OpenIdProvider;
let host: SignedInHost;
let home: string;
beforeAll(async () => {
  provider = await startOpenIdProvider();
  host = await serveSignedIn(provider.issuer);
  home = await mkdtemp(join(tmpdir(), 'inspector-'));
});
afterAll(async () => {
  await host?.close();
  await provider?.close();
  if (home) await rm(home, { recursive: true });
});

/** Runs it; the page that it asks its user to open is gone through as that user would. */
async function inspect(era: string, rest: readonly string[]): Promise<{ code: number | null; text: string }> {
  const child = spawn(
    process.execPath,
    [
      INSPECTOR,
      '--cli',
      host.resource,
      '--transport',
      'http',
      '--protocol-era',
      era,
      '-q',
      '--format',
      'json',
      '--callback-url',
      'http://127.0.0.1:0/oauth/callback',
      ...rest,
    ],
    {
      env: {
        PATH: process.env['PATH'],
        HOME: home,
        MCP_AUTO_OPEN_ENABLED: 'true',
        BROWSER: '/bin/true',
        MCP_STORAGE_DIR: join(home, era),
      },
      stdio: ['ignore', 'pipe', 'pipe'],
    },
  );
  let text = '';
  let login: Promise<void> | undefined;
  const read = (chunk: Buffer): void => {
    text += chunk.toString();
    const [address] = /http:\/\/127\.0\.0\.1:\d+\/auth\?\S+/.exec(text) ?? [];
    if (address !== undefined && text.includes(`${address}\n`)) login ??= signIn(address);
  };
  child.stdout.on('data', read);
  child.stderr.on('data', read);
  const code = await new Promise<number | null>((resolve) => child.once('close', resolve));
  await login;
  return { code, text };
}

/** To the end: the Inspector listens at the last address. */
async function signIn(address: string): Promise<void> {
  const end = await browse(address, ({ pathname }) => pathname === '/oauth/callback');
  await (await fetch(end)).text();
}

it.each(['legacy', 'modern'])('the Inspector signs in and calls a tool: %s era', async (era) => {
  const { code, text } = await inspect(era, [
    '--method',
    'tools/call',
    '--tool-name',
    'everything__echo',
    '--tool-arg',
    'message=signed in',
  ]);
  expect(text).toContain('Echo: signed in');
  expect(code).toBe(0);
});
