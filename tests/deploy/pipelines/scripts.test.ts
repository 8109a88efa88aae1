import { execFileSync, spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parse } from 'yaml';
import { describe, expect, test } from 'vitest';

const root = fileURLToPath(new URL('../../..', import.meta.url));
const hasShellcheck = spawnSync('shellcheck', ['--version']).status === 0;
if (!hasShellcheck) console.log('shellcheck is not installed: scripts are only parsed');

const tracked = execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard', '*.sh', '.ci/run'], {
  cwd: root,
  encoding: 'utf8',
});

describe('shell scripts', () => {
  test.each(tracked.trim().split('\n'))('%s', (path) => {
    const isBash = /^#!.*\bbash|shell=bash/m.test(readFileSync(`${root}${path}`, 'utf8'));
    const [program, ...options] = hasShellcheck
      ? ['shellcheck', '--external-sources', '--severity=warning']
      : [isBash ? 'bash' : 'sh', '-n'];
    const { status, stdout, stderr } = spawnSync(program, [...options, path], { cwd: root, encoding: 'utf8' });
    expect([status, stdout + stderr]).toEqual([0, '']);
  });
});

describe.skipIf(!hasShellcheck)('programs in workflows', () => {
  const folder = `${root}.github/workflows/`;
  const programs = readdirSync(folder).flatMap((name) => {
    const { jobs } = parse(readFileSync(`${folder}${name}`, 'utf8')) as {
      jobs: Record<string, { steps?: { run?: string }[] }>;
    };
    const steps = Object.values(jobs).flatMap((job) => job.steps ?? []);
    return steps.flatMap(({ run }) => (run === undefined ? [] : [[name, run] as const]));
  });

  test.each(programs)('%s: %s', (_name, program) => {
    const { stdout } = spawnSync('shellcheck', ['--shell=bash', '--severity=warning', '-'], {
      input: program,
      encoding: 'utf8',
    });
    expect(stdout).toBe('');
  });
});
