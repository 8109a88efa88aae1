import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { startProcess, temporaryDirectory } from '@hostler/test-kit';
import { describe, expect, it } from 'vitest';
import { startBackend } from './backend.ts';

interface Report {
  readonly problems: readonly unknown[];
  readonly before: number;
  readonly after: number;
  readonly answers: readonly string[];
}

const program = fileURLToPath(new URL('fixtures/read-once.ts', import.meta.url));

/** What the program reports; it prints nothing else, and ends by itself. */
async function run(environment: Readonly<Record<string, string>>, ...references: readonly string[]): Promise<Report> {
  await using home = await temporaryDirectory();
  const env = { PATH: process.env['PATH'] ?? '', HOME: home.path, ...environment };
  const parameters = ['--conditions=@hostler/source', program, ...references];
  await using child = await startProcess(process.execPath, parameters, { env });
  expect(await child.exited).toEqual({ code: 0, signal: null });
  await Promise.all([child.stdout.ended, child.stderr.ended]);
  expect(child.stderr.text()).toBe('');
  return JSON.parse(child.stdout.text()) as Report;
}

describe('a program', () => {
  it('gives endpoint, region and credentials by its environment, loads the SDK when it reads, and ends', async () => {
    const backend = await startBackend();
    backend.set('db', 'value-of-child');
    const report = await run(backend.environment, 'aws://db', 'aws://nothing');
    expect(report.problems).toEqual([null, null]);
    expect(report.before).toBe(0);
    expect(report.after).toBeGreaterThan(0);
    expect(report.answers).toEqual(['value-of-child', 'SECRET_NOT_FOUND {}']);
  });

  it('without credentials is told so in time', async () => {
    const backend = await startBackend();
    const { AWS_ACCESS_KEY_ID: _, AWS_SECRET_ACCESS_KEY: __, ...environment } = backend.environment;
    const report = await run(environment, 'aws://db');
    expect(report.answers).toEqual([expect.stringMatching(/^SECRET_ACCESS_DENIED .*has no AWS credentials/)]);
  });

  it('with two sources of credentials prints nothing of it', async () => {
    const backend = await startBackend();
    backend.set('db', 'value-of-profile');
    await using directory = await temporaryDirectory();
    const file = join(directory.path, 'credentials');
    const { AWS_ACCESS_KEY_ID: id, AWS_SECRET_ACCESS_KEY: key } = backend.environment;
    await writeFile(file, `[work]\naws_access_key_id = ${id}\naws_secret_access_key = ${key}\n`);
    const environment = {
      ...backend.environment,
      AWS_SECRET_ACCESS_KEY: 'not-this-one',
      AWS_PROFILE: 'work',
      AWS_SHARED_CREDENTIALS_FILE: file,
    };
    const report = await run(environment, 'aws://db');
    expect(report.answers).toEqual(['value-of-profile']);
  });
});
