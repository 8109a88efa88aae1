import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { root, workspacePackages } from './workspace.ts';

/** What the clouds' own libraries consist of, and what verifies tokens. */
const VENDORS = /\/node_modules\/(?:@google-cloud|google-gax|google-auth-library|@grpc|@aws-sdk|@smithy|jose)\//;

/** Each is a process of its own. */
const PATIENT = { timeout: 60_000 };

/** The modules that importing a package loads, itself included. */
function modulesOf(name: string, folder: string): readonly string[] {
  const script = `
    import { registerHooks } from 'node:module';
    const loaded = [];
    registerHooks({ load(url, context, next) { loaded.push(url); return next(url, context); } });
    await import(${JSON.stringify(name)});
    console.log(JSON.stringify(loaded));`;
  const args = ['--conditions=@hostler/source', '--input-type=module', '--eval', script];
  const { status, stdout, stderr } = spawnSync(process.execPath, args, { cwd: join(root, folder), encoding: 'utf8' });
  expect(stderr).toBe('');
  expect(status).toBe(0);
  return JSON.parse(stdout) as string[];
}

describe('the libraries of the clouds are loaded when a secret is read, that of tokens with the first one, not before', () => {
  const published = workspacePackages().filter(
    ({ manifest }) => manifest.private !== true && manifest.exports !== undefined,
  );

  const names = published.map(({ manifest, folder }) => ({ name: manifest.name, folder }));

  it.each(names)('$name', PATIENT, ({ name, folder }) => {
    const loaded = modulesOf(name, folder);
    expect(loaded.length).toBeGreaterThan(0);
    expect(loaded.filter((url) => VENDORS.test(url))).toEqual([]);
  });

  it('is noticed when one is', PATIENT, () => {
    const loaded = modulesOf('@google-cloud/secret-manager', 'packages/secrets-gcp');
    expect(loaded.some((url) => VENDORS.test(url))).toBe(true);
  });
});
