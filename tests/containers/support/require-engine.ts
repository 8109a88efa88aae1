import { spawnSync } from 'node:child_process';
import process from 'node:process';

const IMAGE = `${process.env['REGISTRY'] ?? ''}hostler-api:${process.env['TAG'] ?? 'dev'}`;

/** @throws where no engine answers or the images are missing: `pnpm containers` provides both, or says that it cannot. */
export function setup(): void {
  const { status, stderr } = spawnSync('docker', ['image', 'inspect', IMAGE], { encoding: 'utf8', timeout: 20_000 });
  if (status === 0) return;
  throw new Error(`There is no ${IMAGE}: run these tests with "pnpm containers". ${stderr ?? ''}`);
}
