import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { chaosServer, startProcess, temporaryDirectory } from '@hostler/test-kit';
import type { ExitStatus } from '@hostler/test-kit';

const main = fileURLToPath(new URL('../src/main.ts', import.meta.url));
const quickstart = fileURLToPath(new URL('../../../examples/01-quickstart/hostler.yaml', import.meta.url));

interface Finished extends ExitStatus {
  readonly stdout: string;
  readonly stderr: string;
}

async function run(command: string, parameters: readonly string[], cwd?: string): Promise<Finished> {
  await using child = await startProcess(command, parameters, {
    ...(cwd && { cwd }),
    env: { PATH: process.env['PATH'] ?? '' },
  });
  child.closeStdin();
  const status = await child.exited;
  await Promise.all([child.stdout.ended, child.stderr.ended]);
  return { ...status, stdout: child.stdout.text(), stderr: child.stderr.text() };
}

function hostler(parameters: readonly string[], cwd?: string): Promise<Finished> {
  return run(process.execPath, ['--conditions=@hostler/source', main, ...parameters], cwd);
}

describe('with real servers', () => {
  it('doctor finds the quickstart well', async () => {
    const { code, stdout } = await hostler(['doctor', quickstart, '--json']);
    const findings = JSON.parse(stdout) as { servers: { name: string; status: string; tools: number }[] };
    expect(findings.servers.map(({ name, status }) => `${name} ${status}`)).toEqual([
      'everything up',
      'files up',
      'memory up',
    ]);
    for (const { tools } of findings.servers) expect(tools).toBeGreaterThan(0);
    expect(code).toBe(0);
  });

  it('call prints the text of a result, and resources read that of a resource', async () => {
    const call = await hostler(['call', 'files__read_text_file', '--arg', 'path=welcome.txt', '--config', quickstart]);
    expect([call.code, call.stdout]).toEqual([
      0,
      expect.stringContaining('everything that the server "files" can see'),
    ]);
    const uri = 'demo://resource/static/document/features.md';
    const read = await hostler(['resources', 'read', uri, '--server', 'everything', '--config', quickstart]);
    expect([read.code, read.stdout]).toEqual([0, expect.stringContaining('Everything Server')]);
  });

  it('call fails with 4 when the server refuses what the tool was asked', async () => {
    const { code } = await hostler([
      'call',
      'files__read_text_file',
      '--arg',
      'path=/etc/passwd',
      '--config',
      quickstart,
    ]);
    expect(code).toBe(4);
  });

  it('doctor repeats what a server said before it died', async () => {
    await using folder = await temporaryDirectory();
    const broken = { command: process.execPath, args: ['-e', 'console.error("the key is missing"); process.exit(3)'] };
    await writeFile(join(folder.path, 'hostler.json'), JSON.stringify({ servers: { broken, silent: chaosServer() } }));
    const { code, stdout } = await hostler(['doctor'], folder.path);
    expect(stdout).toMatch(/✗ server broken: .*3[^]*the key is missing/);
    expect(code).toBe(3);
  });
});

describe('completion in bash', () => {
  async function complete(words: readonly string[], cwd?: string): Promise<string[]> {
    const { stdout: script } = await hostler(['completion', 'bash']);
    const line = ['hostler', ...words].map((word) => `'${word}'`).join(' ');
    const probe = `${script}\nCOMP_WORDS=(${line}); COMP_CWORD=${words.length}; _hostler; printf '%s\\n' "\${COMPREPLY[@]}"`;
    const { stdout, stderr } = await run('bash', ['--norc', '-c', probe], cwd);
    expect(stderr).toBe('');
    return stdout
      .split('\n')
      .filter((word) => word !== '')
      .toSorted();
  }

  it('offers commands, then their own options, values and subcommands', async () => {
    expect(await complete(['re'])).toEqual(['resources']);
    expect(await complete(['resources', ''])).toEqual(['read']);
    expect(await complete(['run', '--po'])).toEqual(['--port']);
    expect(await complete(['tools', '--po'])).toEqual([]);
    expect(await complete(['--json', 'completion', 'z'])).toEqual(['zsh']);
    expect(await complete(['run', '--log-level', 'w'])).toEqual(['warn']);
  });

  it('offers configuration files where one belongs', async () => {
    await using folder = await temporaryDirectory();
    for (const name of ['a.yaml', 'b.json', 'c.txt']) await writeFile(join(folder.path, name), '');
    expect(await complete(['validate', ''], folder.path)).toEqual(['a.yaml', 'b.json']);
    expect(await complete(['run', '--config', 'b'], folder.path)).toEqual(['b.json']);
    expect(await complete(['import', 'c'], folder.path)).toEqual(['c.txt']);
  });
});
