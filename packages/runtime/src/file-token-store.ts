import { mkdir, readdir, readFile, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { TokenStore } from '@hostler/auth';
import type { Logger } from '@hostler/kernel';
import type { Sealer } from '@hostler/secrets/vault';
import { replaceFile } from './replace-file.ts';

export interface FileTokenStoreOptions {
  /** Of the host's state. */
  readonly directory: string;
  /** Those of the vault. @throws SECRET_* */
  readonly keys: () => Promise<readonly string[]>;
  readonly log: Logger;
}

const MAX_BYTES = 256 * 1024;
const MAX_UNWRITTEN = 1_000;
const SUFFIX = '.sealed';
const NAME = /^[0-9a-f]{64}$/;

/** Tokens of users, each in an encrypted file of its own that this user alone can read. */
export function createFileTokenStore(options: FileTokenStoreOptions): TokenStore {
  return new FileTokenStore(options);
}

class FileTokenStore implements TokenStore {
  readonly #options: FileTokenStoreOptions;
  readonly #directory: string;
  #sealer: Promise<Sealer> | undefined;
  /** What could not be written. */
  readonly #unwritten = new Map<string, string>();

  constructor(options: FileTokenStoreOptions) {
    this.#options = options;
    this.#directory = join(options.directory, 'oauth');
  }

  /** Undefined for what cannot be opened as well: the user agrees once more. */
  async load(name: string): Promise<string | undefined> {
    const unwritten = this.#unwritten.get(name);
    if (unwritten !== undefined) return unwritten;
    try {
      const path = this.#pathOf(name);
      if ((await stat(path)).size > MAX_BYTES) throw new Error('the file is too long');
      const sealed = await readFile(path, 'utf8');
      const text = (await this.#opened()).unseal(['oauth', name], sealed);
      if (text === undefined) throw new Error('the file was changed, or written with another key');
      return text;
    } catch (error) {
      if (!isMissing(error)) this.#options.log.warn({ error }, 'a kept token cannot be used');
      return undefined;
    }
  }

  /** What cannot be kept serves for as long as the host runs. */
  async save(name: string, text: string): Promise<void> {
    try {
      const sealer = await this.#opened();
      await replaceFile(this.#pathOf(name), sealer.seal(['oauth', name], text), 0o600);
      this.#unwritten.delete(name);
    } catch (error) {
      const [oldest] = this.#unwritten.keys();
      if (this.#unwritten.size >= MAX_UNWRITTEN && oldest !== undefined) this.#unwritten.delete(oldest);
      this.#unwritten.set(name, text);
      this.#options.log.error({ error }, 'a token cannot be kept: its user will have to agree again after a restart');
    }
  }

  async remove(name: string): Promise<void> {
    this.#unwritten.delete(name);
    await rm(this.#pathOf(name), { force: true });
  }

  async names(): Promise<readonly string[]> {
    const files = await readdir(this.#directory).catch((error: unknown) => {
      if (isMissing(error)) return [];
      throw error;
    });
    const written = files.flatMap((file) => {
      const name = file.slice(0, -SUFFIX.length);
      return file.endsWith(SUFFIX) && NAME.test(name) ? [name] : [];
    });
    return [...new Set([...written, ...this.#unwritten.keys()])];
  }

  #pathOf(name: string): string {
    if (!NAME.test(name)) throw new TypeError('a token is kept under a digest');
    return join(this.#directory, `${name}${SUFFIX}`);
  }

  /** Kept: to make a key out of a passphrase takes half a second. */
  async #opened(): Promise<Sealer> {
    this.#sealer ??= this.#open();
    try {
      return await this.#sealer;
    } catch (error) {
      this.#sealer = undefined;
      throw error;
    }
  }

  async #open(): Promise<Sealer> {
    const path = join(this.#directory, 'keys.json');
    await mkdir(this.#directory, { recursive: true, mode: 0o700 });
    const proof = await readFile(path, 'utf8').catch((error: unknown) => {
      if (isMissing(error)) return undefined;
      throw error;
    });
    const { createSealer } = await import('@hostler/secrets/vault');
    const sealer = await createSealer(await this.#options.keys(), proof);
    if (sealer.proof !== proof) await replaceFile(path, sealer.proof, 0o600);
    return sealer;
  }
}

function isMissing(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ENOENT';
}
