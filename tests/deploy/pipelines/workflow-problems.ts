import { parse } from 'yaml';

interface Step {
  readonly uses?: string;
  readonly run?: string;
  readonly with?: Readonly<Record<string, unknown>>;
}

interface Job {
  readonly uses?: string;
  readonly permissions?: unknown;
  readonly 'timeout-minutes'?: number;
  readonly steps?: readonly Step[];
}

interface Workflow {
  readonly on: string | readonly string[] | Readonly<Record<string, unknown>>;
  readonly permissions?: Readonly<Record<string, string>>;
  readonly jobs: Readonly<Record<string, Job>>;
}

/** What a job may ask for beside reading, and which files may: everything else is too much. */
const MAY_WRITE: Readonly<Record<string, readonly string[]>> = {
  'build-and-deploy.yml': ['packages', 'id-token'],
  'release.yml': ['contents', 'pull-requests', 'id-token'],
};

const PINNED = /^[\w.-]+\/[\w./-]+@[0-9a-f]{40}$/;
const PINNED_LINE = /uses: [\w./-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$/;
const LOCAL = './.github/';

/** The rules of this repository that a linter of workflows does not know. */
export function workflowProblems(name: string, text: string, scripts: ReadonlySet<string>): readonly string[] {
  const workflow = parse(text) as Workflow;
  const problems: string[] = [];
  if (typeof workflow.on === 'object' && 'pull_request_target' in workflow.on) {
    problems.push('pull_request_target runs with the rights of the repository on what a stranger wrote');
  }
  if (workflow.permissions === undefined) problems.push('permissions are not declared');
  if (Object.values(workflow.permissions ?? {}).includes('write')) problems.push('every job may write');
  for (const line of text.split('\n')) {
    if (/^\s*(- )?uses:/.test(line) && !line.includes(LOCAL) && !PINNED_LINE.test(line)) {
      problems.push(`without a commit and its version: ${line.trim()}`);
    }
  }
  for (const [key, job] of Object.entries(workflow.jobs)) {
    for (const problem of jobProblems(job, {
      name,
      scripts,
      hasDefault: workflow.permissions?.['contents'] === 'read',
    })) {
      problems.push(`${key}: ${problem}`);
    }
  }
  return problems;
}

interface Place {
  readonly name: string;
  readonly scripts: ReadonlySet<string>;
  readonly hasDefault: boolean;
}

function jobProblems(job: Job, { name, scripts, hasDefault }: Place): readonly string[] {
  const problems: string[] = [];
  if (job.permissions === undefined && !hasDefault) problems.push('permissions are not declared');
  if (typeof job.permissions === 'string') problems.push(`permissions: ${job.permissions}`);
  for (const [scope, right] of Object.entries((job.permissions ?? {}) as Readonly<Record<string, string>>)) {
    if (right === 'write' && !MAY_WRITE[name]?.includes(scope)) problems.push(`${scope}: write`);
  }
  // A job that calls another workflow has its steps, and their time, there.
  if (job.uses === undefined && job['timeout-minutes'] === undefined) problems.push('timeout-minutes is missing');
  for (const step of job.steps ?? []) problems.push(...stepProblems(step, scripts));
  return problems;
}

function stepProblems({ uses, run = '', with: inputs }: Step, scripts: ReadonlySet<string>): readonly string[] {
  const problems: string[] = [];
  if (uses !== undefined && !uses.startsWith(LOCAL) && !PINNED.test(uses)) problems.push(`not pinned: ${uses}`);
  if (uses?.startsWith('actions/checkout@') && inputs?.['persist-credentials'] !== false) {
    problems.push('checkout leaves its token behind');
  }
  // What stands in an expression becomes text of the program; an environment variable is only ever a value.
  if (run.includes('${{')) problems.push(`an expression in a program: ${/\$\{\{[^}]*\}\}/.exec(run)?.[0] ?? ''}`);
  return problems.concat(unknownScripts(run, scripts));
}

const NOT_SCRIPTS: ReadonlySet<string> = new Set(['exec', 'install']);

function unknownScripts(run: string, scripts: ReadonlySet<string>): readonly string[] {
  return Array.from(run.matchAll(/\bpnpm (?:-s )?(?:run )?([\w:-]+)/g), ([, script = '']) => script)
    .filter((script) => !NOT_SCRIPTS.has(script) && !scripts.has(script))
    .map((script) => `no such script: ${script}`);
}
