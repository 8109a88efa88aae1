import { mkdtemp, open, rm, unlink, writeFile } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import type { Logger } from '@hostler/kernel';
import type { ValueInFile } from '../child-environment.ts';
import { upstreamErrors } from '../errors.ts';
import type { Keeper } from './keeper.ts';
import { findFilePlace } from './memory-directory.ts';
import type { FilePlace } from './memory-directory.ts';

/** The values that one child reads from files. */
export interface HandedFiles {
  /** For each, the path under which the child finds it. */
  readonly variables: Readonly<Record<string, string>>;
  /** Open descriptors that the child gets, from 3 on. */
  readonly descriptors: readonly number[];
  /** To be called once the child has its descriptors, or could not be started. */
  closeDescriptors(): Promise<void>;
  /** To be called when the child is gone; may be called more than once. */
  remove(): Promise<void>;
}

export interface SecretFilesOptions {
  readonly keeper: Keeper;
  readonly log: Logger;
  /** The host's own: its `XDG_RUNTIME_DIR` may be in memory. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly platform?: NodeJS.Platform;
}

/** Descriptors of a child below this are its standard streams. */
const FIRST_DESCRIPTOR = 3;

const NOTHING: HandedFiles = {
  variables: {},
  descriptors: [],
  closeDescriptors: () => Promise.resolve(),
  remove: () => Promise.resolve(),
};

/** Writes values into files that only this user can read, in memory where the system has a place for that. */
export class SecretFiles {
  readonly #options: SecretFilesOptions;
  #place: Promise<FilePlace> | undefined;

  constructor(options: SecretFilesOptions) {
    this.#options = options;
  }

  /** @throws UPSTREAM_UNAVAILABLE when they cannot be written; then nothing of them is left */
  async hand(server: string, values: readonly ValueInFile[]): Promise<HandedFiles> {
    if (values.length === 0) return NOTHING;
    if (this.#platform === 'win32' && values.some(({ as }) => as === 'fd')) throw refused(server, NO_DESCRIPTORS);
    const handed = new PrivateDirectory(this.#options.keeper);
    try {
      await handed.create((await this.#findPlace()).path);
      // oxlint-disable-next-line no-await-in-loop -- the number of each descriptor is that of its place
      for (const value of values) await handed.add(value);
      return handed;
    } catch (error) {
      await handed.closeDescriptors();
      await handed.remove();
      throw refused(server, `The files for its secrets could not be written (${codeOf(error)}).`);
    }
  }

  get #platform(): NodeJS.Platform {
    return this.#options.platform ?? process.platform;
  }

  /** The same for all children; whoever runs the host is told once when it is not in memory. */
  #findPlace(): Promise<FilePlace> {
    this.#place ??= this.#lookForPlace();
    return this.#place;
  }

  async #lookForPlace(): Promise<FilePlace> {
    const { environment, log } = this.#options;
    const place = await findFilePlace(environment, this.#platform);
    if (!place.isMemory) {
      log.warn({}, 'there is no file system in memory: secrets that servers read from files touch the disk');
    }
    return place;
  }
}

class PrivateDirectory implements HandedFiles {
  readonly variables: Record<string, string> = {};
  readonly #keeper: Keeper;
  readonly #handles: FileHandle[] = [];
  #path: string | undefined;
  #files = 0;

  constructor(keeper: Keeper) {
    this.#keeper = keeper;
  }

  get descriptors(): readonly number[] {
    return this.#handles.map(({ fd }) => fd);
  }

  /** For this user alone (0700), as `mkdtemp` makes them. The keeper knows of it before anything secret is in it. */
  async create(place: string): Promise<void> {
    this.#path = await mkdtemp(join(place, `hostler-${process.pid}-`));
    this.#keeper.keep(this.#path);
  }

  async add({ variable, as, text }: ValueInFile): Promise<void> {
    const path = join(this.#path ?? '', String((this.#files += 1)));
    await writeFile(path, text, { mode: 0o400, flag: 'wx' });
    if (as === 'file') {
      this.variables[variable] = path;
      return;
    }
    // Opened for reading alone, at its start; once it has no name, nobody else finds it.
    this.#handles.push(await open(path, 'r'));
    await unlink(path);
    this.variables[variable] = `/dev/fd/${FIRST_DESCRIPTOR + this.#handles.length - 1}`;
  }

  async closeDescriptors(): Promise<void> {
    await Promise.all(this.#handles.splice(0).map((handle) => handle.close()));
  }

  async remove(): Promise<void> {
    const path = this.#path;
    if (path === undefined) return;
    this.#path = undefined;
    await rm(path, { recursive: true, force: true });
    await this.#keeper.forget(path);
  }
}

const NO_DESCRIPTORS = 'Windows hands no descriptors to its programs: use "as: file" for its secrets.';

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : 'unknown';
}

/** Without the error of the system: it names the path. */
function refused(server: string, problem: string): Error {
  return upstreamErrors.UNAVAILABLE({ details: { server, problem, mayHaveRun: false } });
}
