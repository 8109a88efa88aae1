import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { startProcess } from '@hostler/test-kit';
import type { Revision, Run } from './runs.ts';

export interface Outcome {
  /** Scored scenarios only: the others are reported by the suite and decide nothing. */
  readonly passed: readonly string[];
  readonly failed: readonly string[];
  readonly exitCode: number;
  /** What the suite printed. */
  readonly output: string;
}

const deadline = 10 * 60_000;

/** The official suite, as a child: it has no programming interface. */
export async function runSuite({ revision, expectedFailures }: Run, url: string, directory: string): Promise<Outcome> {
  const parameters = [join(suiteFolder(), 'dist/index.js'), 'server', '--url', url, '--requirements', revision];
  if (expectedFailures !== undefined) parameters.push('--expected-failures', expectedFailures);
  await using suite = await startProcess(process.execPath, [...parameters, '-o', directory]);
  const timer = setTimeout(() => void suite.stop(), deadline);
  const { code } = await suite.exited.finally(() => clearTimeout(timer));
  await suite.stdout.ended;
  const scored = await scoredScenarios(revision);
  const output = suite.stdout.text() + suite.stderr.text();
  const results = readResults(output).filter(({ scenario }) => scored.has(scenario));
  return {
    passed: results.filter(({ failures }) => failures === 0).map(({ scenario }) => scenario),
    failed: results.filter(({ failures }) => failures > 0).map(({ scenario }) => scenario),
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
  const summary = output.slice(output.indexOf('=== SUMMARY ==='));
  return [...summary.matchAll(/^\S*[✓✗]\S* (?<scenario>[\w/-]+): \d+ passed, (?<failures>\d+) failed/gm)].map(
    ({ groups }) => ({ scenario: groups?.['scenario'] ?? '', failures: Number(groups?.['failures']) }),
  );
}

/** The list `server:` of the suite's own file of requirements. */
async function scoredScenarios(revision: Revision): Promise<ReadonlySet<string>> {
  const text = await readFile(join(suiteFolder(), `requirements/${revision}.yaml`), 'utf8');
  const [, list = ''] = /^server:\n((?: {2}- .*\n)+)/m.exec(text) ?? [];
  return new Set([...list.matchAll(/- (\S+)/g)].map(([, scenario = '']) => scenario));
}

function suiteFolder(): string {
  return dirname(createRequire(import.meta.url).resolve('@modelcontextprotocol/conformance/package.json'));
}
