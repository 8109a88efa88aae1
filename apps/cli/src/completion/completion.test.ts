import { describe, expect, it } from 'vitest';
import { runInMemory } from '../../test/support/run-in-memory.ts';

async function scriptFor(shell: string): Promise<string> {
  const { exitCode, stdout } = await runInMemory(['completion', shell]);
  expect(exitCode).toBe(0);
  return stdout();
}

const commands = [
  'run',
  'stdio',
  'validate',
  'doctor',
  'import',
  'completion',
  'tools',
  'call',
  'prompts',
  'resources',
  'secrets',
  'rotate',
  'oauth',
  'revoke',
  'secret-provider',
];

describe('completion', () => {
  it.each(['bash', 'zsh', 'fish'])('of %s knows every command and the options of each', async (shell) => {
    const script = await scriptFor(shell);
    for (const command of commands) expect(script).toContain(command);
    for (const option of ['port', 'log-level', 'server', 'force', 'json', 'reveal', 'new-key-file'])
      expect(script).toContain(option);
    for (const level of ['debug', 'info', 'warn', 'error']) expect(script).toContain(level);
  });

  it('of fish offers a subcommand only after its command', async () => {
    expect(await scriptFor('fish')).toMatch(/-n '__hostler_at \\'\/prompts\\'' -a get /);
  });

  it('of zsh completes configuration files', async () => {
    expect(await scriptFor('zsh')).toContain('_files -g "*.(yaml|yml|json|jsonc)"');
  });
});
