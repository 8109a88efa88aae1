import { mkdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { keptListsFromBytes, keptListsToBytes, specDigest } from '@hostler/host';
import type { CatalogStore, KeptLists } from '@hostler/host';
import type { Logger, UpstreamSpec } from '@hostler/kernel';
import { replaceFile } from './replace-file.ts';

export interface FileCatalogStoreOptions {
  readonly directory: string;
  readonly log: Logger;
  /** Masks secrets: lists in which one stands are not kept. */
  readonly redact: (text: string) => string;
  readonly maxBytes?: number;
}

/** A store that writes behind whoever asks. */
export interface FileCatalogStore extends CatalogStore {
  /** Resolves when everything is written. */
  close(): Promise<void>;
}

const MAX_BYTES = 64 * 1024 * 1024;

/** Keeps the lists of each server in a file of its own, readable by this user alone. */
export function createFileCatalogStore(options: FileCatalogStoreOptions): FileCatalogStore {
  const { log, maxBytes = MAX_BYTES } = options;
  const directory = join(options.directory, 'catalog');
  const writing = new Map<string, Promise<void>>();
  const pathOf = ({ name }: UpstreamSpec): string => join(directory, `${name}.json`);

  async function read(server: UpstreamSpec, digest: string): Promise<KeptLists | undefined> {
    const path = pathOf(server);
    const { size } = await stat(path);
    if (size > maxBytes) throw new Error(`the file is longer than ${maxBytes} bytes`);
    return keptListsFromBytes(await readFile(path), digest);
  }

  async function write(server: UpstreamSpec, digest: string, kept: KeptLists): Promise<void> {
    const bytes = keptListsToBytes(kept, digest);
    if (bytes.length > maxBytes) throw new Error(`the lists are longer than ${maxBytes} bytes`);
    const text = Buffer.from(bytes).toString('utf8');
    if (options.redact(text) !== text) throw new Error('a secret stands in the lists');
    await mkdir(directory, { recursive: true, mode: 0o700 });
    await replaceFile(pathOf(server), bytes, 0o600);
  }

  return {
    async load(server) {
      const digest = digestFor(server);
      if (digest === undefined) return undefined;
      try {
        await writing.get(server.name);
        return await read(server, digest);
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
        log.warn({ server: server.name, error }, 'what was kept of the lists of the server cannot be used');
        return undefined;
      }
    },
    save(server, kept) {
      const digest = digestFor(server);
      if (digest === undefined) return Promise.resolve();
      const before = writing.get(server.name) ?? Promise.resolve();
      const work = before
        .then(() => write(server, digest, kept))
        .catch((error: unknown) => log.warn({ server: server.name, error }, 'the lists of the server are not kept'));
      writing.set(server.name, work);
      void work.then(() => writing.get(server.name) === work && writing.delete(server.name));
      return work;
    },
    async close() {
      await Promise.all(writing.values());
    },
  };
}

/** Names of servers are names of files; those of servers mounted from code may be anything. */
function digestFor(server: UpstreamSpec): string | undefined {
  return /^[A-Za-z0-9_-]{1,32}$/.test(server.name) ? specDigest(server) : undefined;
}
