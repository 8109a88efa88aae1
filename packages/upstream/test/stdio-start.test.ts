import { chmod, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Secret, secretErrors } from '@hostler/secrets';
import { chaosServer, temporaryDirectory } from '@hostler/test-kit';
import { describe, expect, it } from 'vitest';
import { call, connectStdio } from './support/stdio-setup.ts';
import type { StdioSetup } from './support/stdio-setup.ts';

const TOKEN = 'canary-4f1c$&-token';

const secrets: NonNullable<StdioSetup['secrets']> = {
  expire: () => {},
  resolve(reference) {
    if (reference === 'test://token') return Promise.resolve(new Secret(TOKEN, { reference }));
    if (reference === 'test://nul') return Promise.resolve(new Secret(`before\0after`, { reference }));
    return Promise.reject(secretErrors.NOT_FOUND({ details: { reference } }));
  },
};

const problemOf = (setup: StdioSetup): Promise<unknown> =>
  connectStdio(setup).then(
    () => 'it started',
    (error: { readonly details?: { readonly problem?: string } }) => error.details?.problem,
  );

describe('the environment of a child', () => {
  it('holds five variables of the host, what is configured, and nothing else', async () => {
    await using child = await connectStdio({
      ...chaosServer(),
      baseEnvironment: {
        PATH: '/usr/bin:/bin',
        HOME: '/nowhere',
        LANG: 'C.UTF-8',
        TZ: 'UTC',
        TMPDIR: '/tmp',
        AWS_SECRET_ACCESS_KEY: 'not for children',
        NODE_OPTIONS: '--no-warnings',
      },
      env: {
        PLAIN: 'value',
        TOKEN: { secret: 'test://token' },
        HEADER: { secret: 'test://token', format: 'Bearer {}!' },
        OPTIONAL: { secret: 'test://missing', optional: true },
      },
      secrets,
    });
    expect(await call(child.connection, 'echo-env')).toEqual({
      PATH: '/usr/bin:/bin',
      HOME: '/nowhere',
      LANG: 'C.UTF-8',
      TZ: 'UTC',
      TMPDIR: '/tmp',
      PLAIN: 'value',
      TOKEN,
      HEADER: `Bearer ${TOKEN}!`,
    });
  });

  it('lets the configuration override what is inherited, and leaves out what the host has not', async () => {
    await using child = await connectStdio({
      ...chaosServer(),
      baseEnvironment: { HOME: '/nowhere' },
      env: { HOME: '/elsewhere' },
    });
    expect(await call(child.connection, 'echo-env')).toEqual({ HOME: '/elsewhere' });
  });

  it('a missing secret that is not optional fails the start with its own error', async () => {
    await expect(
      connectStdio({ ...chaosServer(), env: { TOKEN: { secret: 'test://missing' } }, secrets }),
    ).rejects.toMatchObject({ code: 'SECRET_NOT_FOUND', details: { reference: 'test://missing' } });
  });

  it('a value with a NUL is refused, and never shown', async () => {
    const problem = await problemOf({ ...chaosServer(), env: { KEY: { secret: 'test://nul' } }, secrets });
    expect(problem).toBe('The value of the environment variable "KEY" holds a NUL.');
  });

  it('a name that no variable can have is refused', async () => {
    expect(await problemOf({ ...chaosServer(), env: { 'A=B': 'x' } })).toContain('has no valid name');
  });
});

describe('a command that cannot be started', () => {
  it('that does not exist is named, with what to do', async () => {
    expect(await problemOf({ command: 'no-such-command', args: ['--token', 'in-the-arguments'] })).toBe(
      'Its command "no-such-command" was not found: install it or give its full path.',
    );
  });

  it('that may not be executed is named', async () => {
    await using directory = await temporaryDirectory();
    const command = join(directory.path, 'script');
    await writeFile(command, '#!/bin/sh\n');
    await chmod(command, 0o600);
    expect(await problemOf({ command })).toContain('may not be executed: check its permissions');
  });

  it('in a directory that does not exist says so', async () => {
    expect(await problemOf({ ...chaosServer(), cwd: '/no/such/directory' })).toBe(
      'Its working directory does not exist: create it or correct cwd.',
    );
  });

  it('with an argument that cannot be passed on does not repeat it', async () => {
    const error: unknown = await connectStdio({ command: process.execPath, args: ['a\0b'] }).catch(
      (thrown: unknown) => thrown,
    );
    expect(error).toMatchObject({ code: 'UPSTREAM_UNAVAILABLE' });
    expect(JSON.stringify([error, String(error), (error as Error).cause])).not.toContain('a\\u0000b');
  });

  it('is found on the PATH that the child gets', async () => {
    await using directory = await temporaryDirectory();
    const { command, args } = chaosServer();
    await writeFile(join(directory.path, 'my-server'), `#!/bin/sh\nexec ${command} ${args.join(' ')}\n`);
    await chmod(join(directory.path, 'my-server'), 0o700);
    await using child = await connectStdio({ command: 'my-server', baseEnvironment: { PATH: directory.path } });
    expect(child.connection.era).toBe('legacy');
  });
});
