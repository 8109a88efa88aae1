import { open, stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import { configErrors } from './errors.ts';
import type { Foreign } from './foreign/translate.ts';
import type { Path } from './path.ts';
import type { HostPlan } from './plan/host-plan.ts';
import { ProblemList } from './problem.ts';
import { checkSource, openSource, toLoadedConfig } from './source.ts';
import type { CheckedSource, ConfigSource, LoadedConfig } from './source.ts';

/** The file is an operator's own; the bound is there so that a wrong path does not read a disk image. */
const MAX_FILE_BYTES = 1024 * 1024;

/** Something that is wrong although the file says it well: found out by looking at more than the file. */
export interface PlanProblem {
  /** In the configuration, such as `['listen', 'host']`. */
  readonly path: Path;
  readonly message: string;
  readonly hint?: string;
}

export interface LoadOptions {
  /** Variables for the `${NAME}` of foreign formats; a file of ours uses none. Nothing by default. */
  readonly environment?: Readonly<Record<string, string | undefined>>;
  /** Looks at a plan that has no problem of its own. What it finds is reported like any other problem. */
  readonly check?: (plan: HostPlan) => Promise<readonly PlanProblem[]>;
}

/**
 * Reads a configuration file of ours or of a known other program and checks it.
 * @throws CONFIG_NOT_FOUND, CONFIG_UNREADABLE, or CONFIG_INVALID with every problem and its line.
 */
export async function loadConfig(path: string, options: LoadOptions = {}): Promise<LoadedConfig> {
  const { source, checked } = await loadSource(path, options);
  const loaded = toLoadedConfig(source, checked);
  const found = (await options.check?.(loaded.plan)) ?? [];
  const problems = new ProblemList(source.file, source.document.locate, checked.toFilePath);
  for (const { path: place, message, hint } of found) problems.add(place, message, { hint });
  problems.throwIfAny();
  return loaded;
}

/** As `loadConfig`, before the plan is built. */
export async function loadSource(
  path: string,
  options: LoadOptions,
): Promise<{ readonly source: ConfigSource; readonly checked: CheckedSource }> {
  const file = resolve(path);
  const source = openSource(await readText(file), file);
  const foreign = await foreignFor(source, options);
  const envFiles = new Map<string, string>();
  for (const envFile of new Set(foreign?.envFiles)) {
    const content = await readTextIfThere(envFile);
    if (content !== undefined) envFiles.set(envFile, content);
  }
  return { source, checked: checkSource(source, { ...options, envFiles }, foreign) };
}

/** What reads files of other programs are 16 modules, which a host with a file of ours does not need. */
async function foreignFor(source: ConfigSource, { environment }: LoadOptions): Promise<Foreign | undefined> {
  if (source.format === 'hostler') return undefined;
  const { foreignOf } = await import('./foreign/translate.ts');
  return foreignOf(source, environment);
}

/** A file that a configuration names: that it is missing is a problem of the configuration, with a line. */
async function readTextIfThere(file: string): Promise<string | undefined> {
  try {
    return await readText(file);
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === configErrors.NOT_FOUND.code) return undefined;
    throw error;
  }
}

async function readText(file: string): Promise<string> {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(await readBytes(file));
  } catch (error) {
    throw toConfigError(error, file);
  }
}

/** Reads at most one byte more than the bound, whatever the size of the file claims to be. */
async function readBytes(file: string): Promise<Uint8Array> {
  // Before it is opened: opening a named pipe waits for its writer.
  if (!(await stat(file)).isFile()) throw new Unreadable('it is not a regular file');
  await using handle = await open(file, 'r');
  const buffer = new Uint8Array(MAX_FILE_BYTES + 1);
  let length = 0;
  for (;;) {
    const { bytesRead } = await handle.read(buffer, length, buffer.length - length, length);
    if (bytesRead === 0) return buffer.subarray(0, length);
    length += bytesRead;
    if (length > MAX_FILE_BYTES) throw new Unreadable('it is larger than 1 MiB');
  }
}

class Unreadable extends Error {}

function toConfigError(error: unknown, file: string): Error {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  if (code === 'ENOENT' || code === 'ENOTDIR') return configErrors.NOT_FOUND({ details: { file }, cause: error });
  return configErrors.UNREADABLE({ details: { file, reason: reasonOf(error, code) }, cause: error });
}

function reasonOf(error: unknown, code: unknown): string {
  if (error instanceof Unreadable) return error.message;
  if (code === 'EACCES' || code === 'EPERM') return 'permission denied';
  if (code === 'ERR_ENCODING_INVALID_ENCODED_DATA') return 'it is not UTF-8 text';
  return 'the operating system refuses';
}
