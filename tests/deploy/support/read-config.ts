import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { formatProblems, loadConfig } from '@hostler/config';
import type { HostPlan } from '@hostler/config';

export type Checked =
  | { readonly plan: HostPlan; readonly problems?: undefined }
  | { readonly plan?: undefined; readonly problems: string };

/** What `hostler validate` says of a configuration. */
export async function readConfig(text: string): Promise<Checked> {
  const folder = await mkdtemp(join(tmpdir(), 'hostler-config-'));
  try {
    const file = join(folder, 'hostler.yaml');
    await writeFile(file, text);
    const { plan } = await loadConfig(file, { environment: {} });
    return { plan };
  } catch (error) {
    return { problems: formatProblems(error as Parameters<typeof formatProblems>[0]) };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** The references of secrets that stand in a configuration. */
export function secretReferences(text: string): string[] {
  return [...text.matchAll(/^(?!\s*#).*?secret: '?"?([a-z]+:\/\/[^'"\s}]+)/gm)].map(([, reference = '']) => reference);
}
