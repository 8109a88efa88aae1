import { parseSecretRef } from '@hostler/secrets';
import { describe, expect, it } from 'vitest';
import { gcp } from './gcp.ts';
import type { GcpOptions } from './options.ts';

async function problemOf(reference: string): Promise<string | undefined> {
  const provider = await gcp.create({});
  return provider.problemOf?.(parseSecretRef(reference));
}

describe('a reference', () => {
  it.each([
    'gcp://token',
    'gcp://token/versions/latest',
    'gcp://token/versions/7',
    'gcp://token/versions/live_2-b',
    'gcp://my-project/token',
    'gcp://my-project/token/versions/7',
    'gcp://900100200300/token',
    'gcp://example.com:my-project/token',
    'gcp://projects/my-project/secrets/token',
    'gcp://projects/my-project/secrets/token/versions/latest#a.b',
    'gcp://projects/my-project/locations/europe-west4/secrets/token',
    'gcp://projects/my-project/locations/us/secrets/token/versions/3',
    `gcp://${'a'.repeat(255)}`,
    'gcp://versions',
    'gcp://secrets/versions/1',
  ])('may be %s', async (reference) => {
    expect(await problemOf(reference)).toBeUndefined();
  });

  it.each([
    ['gcp://projects/my-project', /write gcp:\/\/SECRET, gcp:\/\/PROJECT\/SECRET/],
    ['gcp://projects/my-project/secrets/token/', /write gcp:\/\/SECRET/],
    ['gcp://projects/my-project/secrets/token:access', /its secret must be 1 to 255/],
    ['gcp://my-project/token/7', /write gcp:\/\/SECRET/],
    ['gcp://my-project/versions', /write gcp:\/\/SECRET/],
    ['gcp://short/token', /its project must be a project id \(6 to 30/],
    ['gcp://My-Project/token', /its project must be/],
    ['gcp://my-project-/token', /its project must be/],
    [`gcp://p${'a'.repeat(30)}/token`, /its project must be/],
    ['gcp://0123/token', /its project must be/],
    ['gcp://projects/my-project/locations/evil.example/secrets/token', /its location must be the name of a region/],
    ['gcp://projects/my-project/locations//secrets/token', /its location must be/],
    ['gcp://pass word', /its secret must be 1 to 255 letters, digits, _ and -/],
    ['gcp://täken', /its secret must be/],
    ['gcp://..', /its secret must be/],
    [`gcp://${'a'.repeat(256)}`, /its secret must be/],
    ['gcp:///token', /its project must be/],
    ['gcp://token/versions/', /its version must be latest, a number from 1 on, or an alias/],
    ['gcp://token/versions/0', /its version must be/],
    ['gcp://token/versions/-1', /its version must be/],
    ['gcp://token/versions/1.5', /its version must be/],
    [`gcp://token/versions/${'a'.repeat(64)}`, /its version must be/],
  ])('may not be %s', async (reference, problem) => {
    expect(await problemOf(reference)).toMatch(problem);
  });
});

describe('options', () => {
  it.each<GcpOptions>([
    {},
    { project: 'my-project' },
    { project: '900100200300', transport: 'rest' },
    { endpoint: 'secretmanager.europe-west4.rep.googleapis.com' },
    { endpoint: 'secretmanager-psc.p.googleapis.com:443', transport: 'grpc' },
    { endpoint: '127.0.0.1:9090', insecure: true },
    { endpoint: 'localhost:9090', insecure: true },
    { endpoint: '[::1]:9090', insecure: true },
    { endpoint: '10.0.0.1:9090', insecure: false },
  ])('may be %j', async (options) => {
    expect((await gcp.create(options)).scheme).toBe('gcp');
  });

  it.each<[object, string]>([
    [{ project: 'short' }, 'project'],
    [{ endpoint: 'https://127.0.0.1:9090' }, 'endpoint'],
    [{ endpoint: '127.0.0.1:9090/path' }, 'endpoint'],
    [{ endpoint: 'user@127.0.0.1:9090' }, 'endpoint'],
    [{ transport: 'soap' }, 'transport'],
    [{ insecure: true }, 'insecure'],
    [{ insecure: true, endpoint: '10.0.0.1:9090' }, 'insecure'],
    [{ insecure: true, endpoint: '127.0.0.1.example.com:9090' }, 'insecure'],
    [{ insecure: true, endpoint: 'localhost.example.com:9090' }, 'insecure'],
    [{ keyFile: 'key.json' }, 'keyFile'],
  ])('may not be %j', async (options, path) => {
    await expect(gcp.create(options)).rejects.toMatchObject({
      code: 'SECRET_OPTIONS_INVALID',
      message: expect.stringContaining(`check these options: ${path}.`),
    });
  });
});
