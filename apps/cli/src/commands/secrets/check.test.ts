import { providerErrors } from '@hostler/runtime';
import type { SecretRow } from '@hostler/runtime';
import { describe, expect, it } from 'vitest';
import { runInMemory } from '../../../test/support/run-in-memory.ts';

const env = {
  TOKEN: { secret: 'env://TOKEN' },
  KEY: { secret: 'file:///run/secrets/key', optional: true },
  PIN: { secret: 'env://PIN' },
};
const files = { 'hostler.json': JSON.stringify({ servers: { a: { command: 'node', env } }, listen: { port: 0 } }) };

const good: SecretRow = {
  reference: 'env://TOKEN',
  scheme: 'env',
  version: '7',
  age: 125_000,
  pinned: false,
  stale: false,
  weak: false,
  usedBy: ['servers.a.env.TOKEN'],
};
const denied: SecretRow = {
  ...good,
  code: 'SECRET_ACCESS_DENIED',
  problem: 'Access to secret env://TOKEN is denied: grant roles/x on projects/p/secrets/t.',
};
const missing: SecretRow = { ...denied, code: 'SECRET_NOT_FOUND', problem: 'Secret env://TOKEN does not exist.' };
const optional: SecretRow = {
  ...missing,
  reference: 'file:///run/secrets/key',
  scheme: 'file',
  problem: 'Secret file:///run/secrets/key does not exist.',
  usedBy: ['servers.a.env.KEY'],
};

function check(rows: readonly SecretRow[], ...options: string[]) {
  return runInMemory(['secrets', 'check', ...options], { files, secrets: { rows } });
}

describe('secrets check', () => {
  it('shows where each secret is from, how old it is and who uses it, and starts nothing', async () => {
    const { exitCode, stdout, stderr, runtimes } = await check([good]);
    expect(stdout().split('\n')).toEqual([
      'SECRET       PROVIDER  VERSION    AGE  USED BY',
      'env://TOKEN  env       7        2 min  servers.a.env.TOKEN',
      '',
    ]);
    expect([exitCode, stderr()]).toEqual([0, '']);
    expect(runtimes.map((runtime) => [runtime.readiness().phase, runtime.isClosed()])).toEqual([['stopping', true]]);
  });

  it('repeats what the provider says is missing, who uses it, and ends with 3', async () => {
    const { exitCode, stdout } = await check([denied]);
    expect(stdout()).toContain(
      '✗ secret env://TOKEN: Access to secret env://TOKEN is denied: grant roles/x on projects/p/secrets/t. (SECRET_ACCESS_DENIED)\n  Used by servers.a.env.TOKEN.\n',
    );
    expect(exitCode).toBe(3);
  });

  it('says how to mend what is not there', async () => {
    const { stdout } = await check([missing]);
    expect(stdout()).toContain('Set the variable TOKEN where hostler is started. Or write "optional: true"');
  });

  it('only warns of what nobody needs', async () => {
    const { exitCode, stdout } = await check([good, optional]);
    expect(stdout()).toMatch(/^! secret file:\/\/\/run\/secrets\/key: /m);
    expect(stdout()).not.toContain('optional: true');
    expect(exitCode).toBe(0);
  });

  it('warns of a value too short to be masked, and of an old one that is served', async () => {
    const stale = { ...good, stale: true, code: 'SECRET_UNAVAILABLE', problem: 'Secret env://TOKEN cannot be read.' };
    const { exitCode, stdout } = await check([{ ...good, weak: true }, stale]);
    expect(stdout()).toContain('shorter than 8 characters');
    expect(stdout()).toMatch(/^! secret env:\/\/TOKEN: Secret env:\/\/TOKEN cannot be read\. \(SECRET_UNAVAILABLE\)$/m);
    expect(exitCode).toBe(0);
  });

  it('gives the same as JSON', async () => {
    const { exitCode, stdout } = await check([denied], '--json');
    expect(JSON.parse(stdout())).toEqual({ ok: false, secrets: [denied] });
    expect(exitCode).toBe(3);
  });

  it('lists references that can name nothing as problems of the configuration', async () => {
    const wrong = { 'hostler.yaml': 'servers: { a: { command: x, env: { T: { secret: "gcp://p/s" } } } }\n' };
    const { exitCode, stderr } = await runInMemory(['secrets', 'check'], { files: wrong });
    expect(stderr()).toMatch(
      /^error hostler\.yaml:1:\d+ servers\.a\.env\.T\.secret: no provider of secrets reads gcp:/m,
    );
    expect(exitCode).toBe(2);
  });
});

describe('doctor', () => {
  it('checks the secrets before the servers', async () => {
    const servers = [{ name: 'a', down: missing.problem ?? '', problemCode: 'SECRET_NOT_FOUND' }];
    const { exitCode, stdout } = await runInMemory(['doctor'], { files, servers, secrets: { rows: [missing, good] } });
    const [secrets, secret, server] = ['✓ secrets: 1 of 2 can be read', '✗ secret env://TOKEN:', '✗ server a:'].map(
      (line) => stdout().indexOf(line),
    );
    expect(secrets).toBeGreaterThan(0);
    expect(secret).toBeGreaterThan(Number(secrets));
    expect(server).toBeGreaterThan(Number(secret));
    // What to do is said once.
    expect(stdout().match(/Set the variable TOKEN/g)).toHaveLength(1);
    expect(exitCode).toBe(3);
  });

  it('finds a provider that cannot be set up', async () => {
    const details = { use: 'acme', option: 'token', problem: 'Secret env://T does not exist.' };
    const refusal = providerErrors.OPTION_UNREADABLE({ details });
    const { exitCode, stdout } = await runInMemory(['doctor'], { files, refusal });
    expect(stdout()).toMatch(
      /^✗ secret provider: The option token of .* cannot be read: Secret env:\/\/T does not exist\.$/m,
    );
    expect(exitCode).toBe(3);
  });

  it('ends with 3 when a secret is missing that no server needs to start', async () => {
    const servers = [{ name: 'a', tools: [] }];
    expect((await runInMemory(['doctor'], { files, servers, secrets: { rows: [missing] } })).exitCode).toBe(3);
    expect((await runInMemory(['doctor'], { files, servers, secrets: { rows: [good] } })).exitCode).toBe(0);
  });
});
