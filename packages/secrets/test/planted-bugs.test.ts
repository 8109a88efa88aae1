import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, expect, it } from 'vitest';

interface Report {
  readonly testResults: readonly {
    readonly assertionResults: readonly {
      readonly fullName: string;
      readonly title: string;
      readonly status: string;
    }[];
  }[];
}

const directory = mkdtempSync(join(tmpdir(), 'planted-'));
afterAll(() => rmSync(directory, { recursive: true }));

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));

/** Runs the suite as a provider author does, against providers of which all but one have a bug. */
function runPlanted(): ReadonlyMap<string, readonly string[]> {
  const vitest = here('../node_modules/vitest/vitest.mjs');
  const output = join(directory, 'report.json');
  const options = ['--config', here('planted/vitest.config.ts'), '--root', here('..'), '--reporter', 'json'];
  const { PATH = '' } = process.env;
  const run = [vitest, 'run', ...options, '--outputFile', output];
  spawnSync(process.execPath, run, { env: { PATH }, timeout: 50_000 });
  const report = JSON.parse(readFileSync(output, 'utf8')) as Report;
  const results = report.testResults.flatMap((file) => file.assertionResults);
  expect(results.length).toBeGreaterThan(50);
  const failed = new Map<string, string[]>();
  for (const { fullName, title, status } of results) {
    const provider = fullName.slice('secret provider '.length, -title.length - 1);
    failed.set(provider, [...(failed.get(provider) ?? []), ...(status === 'failed' ? [title] : [])]);
  }
  return failed;
}

it('turns red for each planted bug, and for nothing else', () => {
  expect(Object.fromEntries(runPlanted())).toEqual({
    'without a bug': [],
    'denied as unavailable': ['answers a secret that may not be read with SECRET_ACCESS_DENIED, without any value'],
    'deaf to the signal': [
      'rejects at once when the signal is aborted before',
      'leaves a backend that hangs when aborted',
    ],
    'reply in the message': [
      'answers a missing secret with SECRET_NOT_FOUND, without any value',
      'says of a missing secret nothing that the backend said',
      'answers a secret that may not be read with SECRET_ACCESS_DENIED, without any value',
      'says of a secret that may not be read nothing that the backend said',
      'answers a backend that fails with SECRET_UNAVAILABLE, without any value',
      'says of a backend that fails nothing that the backend said',
    ],
    'reply in the details': [
      'says of a missing secret nothing that the backend said',
      'says of a secret that may not be read nothing that the backend said',
      'says of a backend that fails nothing that the backend said',
    ],
  });
});
