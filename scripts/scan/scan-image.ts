import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync, zstdDecompressSync } from 'node:zlib';
import { findSecrets } from './find-secrets.ts';
import type { Finding } from './finding.ts';
import type { Scanned } from './scanned.ts';
import { tarEntries } from './tar-entries.ts';
import { textOf } from './text-of.ts';

export interface ScanImageOptions {
  /** Values that must be nowhere, binary files included: what a build was given as a secret. */
  readonly forbidden?: readonly string[];
  readonly environment?: NodeJS.ProcessEnv;
}

interface Search {
  readonly forbidden: readonly Buffer[];
  readonly findings: Finding[];
  files: number;
  unread: number;
}

/**
 * An image as it leaves the engine: every file of every layer, also those that a later layer hides, and the configuration
 * with history, environment and labels.
 */
export async function scanImage(image: string, options: ScanImageOptions = {}): Promise<Scanned> {
  const folder = mkdtempSync(join(tmpdir(), 'hostler-scan-'));
  try {
    const path = join(folder, 'image.tar');
    execFileSync('docker', ['save', '--output', path, image], {
      stdio: ['ignore', 'ignore', 'inherit'],
      timeout: 300_000,
      ...(options.environment && { env: options.environment }),
    });
    return await scanSavedImage(readFileSync(path), options.forbidden ?? []);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** What `docker save` has written. */
export async function scanSavedImage(archive: Buffer, forbidden: readonly string[] = []): Promise<Scanned> {
  const search: Search = { forbidden: forbidden.map((value) => Buffer.from(value)), findings: [], files: 0, unread: 0 };
  let layers = 0;
  for (const { name, content } of tarEntries(archive)) {
    const layer = layerIn(content);
    // oxlint-disable-next-line no-await-in-loop -- one after the other: each layer is large
    if (layer === undefined) await searchFile(search, name, content);
    else {
      layers += 1;
      // oxlint-disable-next-line no-await-in-loop -- as above
      for (const file of tarEntries(layer)) await searchFile(search, `${shortened(name)}:${file.name}`, file.content);
    }
  }
  // An archive without layers was not understood, and nothing found in it would mean nothing.
  if (layers === 0) throw new Error('no layer was found in what docker save has written');
  return { what: `${layers} layers, ${search.files} files`, findings: search.findings, unread: search.unread };
}

async function searchFile(search: Search, place: string, content: Buffer): Promise<void> {
  search.files += 1;
  for (const value of search.forbidden) {
    if (content.includes(value)) {
      search.findings.push({
        place,
        line: 0,
        rule: 'forbidden-value',
        digest: '',
        shown: `${value.length} characters`,
      });
    }
  }
  const text = textOf(content);
  if (text === undefined) search.unread += 1;
  else search.findings.push(...(await findSecrets(text, place)));
}

/** A blob that is an archive, compressed or not; undefined: it is a document. */
function layerIn(content: Buffer): Buffer | undefined {
  const unpacked = unpack(content);
  return unpacked.toString('latin1', 257, 262) === 'ustar' ? unpacked : undefined;
}

function unpack(content: Buffer): Buffer {
  if (content[0] === 0x1f && content[1] === 0x8b) return gunzipSync(content);
  if (content.length > 4 && content.readUInt32LE(0) === 0xfd2fb528) return zstdDecompressSync(content);
  return content;
}

function shortened(name: string): string {
  return /([0-9a-f]{12})[0-9a-f]{52}/.exec(name)?.[1] ?? name;
}
