import { mkdir, readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Anchor, ChainPosition } from '@hostler/audit';
import type { HostPlan } from '@hostler/config';
import { isJsonObject } from '@hostler/kernel';
import { replaceFile } from './replace-file.ts';
import { stateDirectory } from './state-directory.ts';

const FOLDER = 'audit-heads';
const NAME = /^([\w-]{1,64})\.json$/;

/** How far chains have come, a file for each: in the state folder, away from the record itself. */
export function createAuditAnchor(directory: string): Anchor {
  const folder = join(directory, FOLDER);
  return {
    read: (chain) => readPosition(join(folder, `${chain}.json`)),
    async write(chain, { seq, hash }) {
      await mkdir(folder, { recursive: true, mode: 0o700 });
      await replaceFile(join(folder, `${chain}.json`), JSON.stringify({ seq, hash }), 0o600);
    },
  };
}

/** Those of the host of a plan. */
export async function readAuditAnchors(
  plan: Pick<HostPlan, 'stateDirectory' | 'source'>,
  environment: Readonly<Record<string, string | undefined>>,
): Promise<ReadonlyMap<string, ChainPosition>> {
  const directory = stateDirectory(plan, environment);
  const folder = join(directory ?? '', FOLDER);
  const names = directory === undefined ? [] : await readdir(folder).catch(() => []);
  const anchors = new Map<string, ChainPosition>();
  for (const name of names) {
    const chain = NAME.exec(name)?.[1];
    // oxlint-disable-next-line no-await-in-loop -- few, and small
    const position = chain === undefined ? undefined : await readPosition(join(folder, name));
    if (chain !== undefined && position !== undefined) anchors.set(chain, position);
  }
  return anchors;
}

async function readPosition(path: string): Promise<ChainPosition | undefined> {
  try {
    const value: unknown = JSON.parse(await readFile(path, 'utf8'));
    if (!isJsonObject(value)) return undefined;
    const { seq, hash } = value;
    return typeof seq === 'number' && typeof hash === 'string' ? { seq, hash } : undefined;
  } catch {
    return undefined;
  }
}
