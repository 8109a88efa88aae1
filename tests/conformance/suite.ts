import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { startProcess } from '@hostler/test-kit';
import type { ClientRun, Revision, Run } from './runs.ts';

export interface Outcome {
  /** Scored scenarios only: the others are reported by the suite and decide nothing. */
  readonly passed: readonly string[];
  readonly failed: readonly string[];
  readonly exitCode: number;
  /** What the suite printed. */
  readonly output: string;
}

const deadline = 10 * 60_000;
const COMPILE_CACHE = fileURLToPath(new URL('../../node_modules/.cache/conformance', import.meta.url));

/** The official suite against a server, as a child: it has no programming interface. */
export async function runSuite({ revision, expectedFailures }: Run, url: string, directory: string): Promise<Outcome> {
  const parameters = ['server', '--url', url, '--requirements', revision, '-o', directory];
  if (expectedFailures !== undefined) parameters.push('--expected-failures', expectedFailures);
  return runChild(parameters, await scoredScenarios(revision, 'server'));
}

/** The official suite as a server of Hostler's: it starts the driver once for each scenario. */
export async function runClientSuite(run: ClientRun, directory: string): Promise<Outcome> {
  const driver = fileURLToPath(new URL('client.ts', import.meta.url));
  const command = `${process.execPath} --conditions=@hostler/source ${driver} ${run.driver}`;
  const parameters = ['client', '--command', command, '--requirements', run.revision, '-o', directory];
  parameters.push('--expected-failures', run.expectedFailures);
  return runChild(parameters, await scoredScenarios(run.revision, 'client'));
}

async function runChild(parameters: readonly string[], scored: ReadonlySet<string>): Promise<Outcome> {
  // It starts forty drivers at once: with what was compiled for the one before, each takes a third of the processor.
  const env = { ...(process.env as Readonly<Record<string, string>>), NODE_COMPILE_CACHE: COMPILE_CACHE };
  await using suite = await startProcess(process.execPath, [join(suiteFolder(), 'dist/index.js'), ...parameters], {
    env,
  });
  const timer = setTimeout(() => void suite.stop(), deadline);
  const { code } = await suite.exited.finally(() => clearTimeout(timer));
  await suite.stdout.ended;
  const output = suite.stdout.text() + suite.stderr.text();
  const results = readResults(output).filter(({ scenario }) => scored.has(scenario));
  const failed = results.filter(({ failures }) => failures > 0).map(({ scenario }) => scenario);
  return {
    passed: results.filter(({ failures }) => failures === 0).map(({ scenario }) => scenario),
    failed,
    // Ended by a signal, or without having run what it had to: not a success, whatever it says.
    exitCode: results.length < scored.size ? code || 1 : (code ?? 1),
    output,
  };
}

interface Result {
  readonly scenario: string;
  readonly failures: number;
}

/** The lines of the summary: `✓ caching: 8 passed, 0 failed`. */
export function readResults(output: string): readonly Result[] {
  const summary = output.slice(Math.max(output.search(/^=== (?:SUITE )?SUMMARY ===/m), 0));
  return [...summary.matchAll(/^\S*[✓✗]\S* (?<scenario>[\w/-]+): \d+ passed, (?<failures>\d+) failed/gm)].map(
    ({ groups }) => ({ scenario: groups?.['scenario'] ?? '', failures: Number(groups?.['failures']) }),
  );
}

/** The list `server:` or `client:` of the suite's own file of requirements. */
async function scoredScenarios(revision: Revision, leg: 'server' | 'client'): Promise<ReadonlySet<string>> {
  const text = await readFile(join(suiteFolder(), `requirements/${revision}.yaml`), 'utf8');
  const [, list = ''] = new RegExp(`^${leg}:\\n((?: {2}- .*\\n)+)`, 'm').exec(text) ?? [];
  return new Set([...list.matchAll(/- (\S+)/g)].map(([, scenario = '']) => scenario));
}

function suiteFolder(): string {
  return dirname(createRequire(import.meta.url).resolve('@modelcontextprotocol/conformance/package.json'));
}
