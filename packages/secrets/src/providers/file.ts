import { constants } from 'node:fs';
import { open } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import { resolve } from 'node:path';
import { parseEnv } from 'node:util';
import { isHostlerError } from '@hostler/kernel';
import { secretErrors } from '../secret-errors.ts';
import type { SecretProvider } from '../secret-provider.ts';
import type { SecretRef } from '../secret-ref.ts';
import { invalidValue, MAX_VALUE_BYTES, selectKey } from '../secret-value.ts';

const MISSING = new Set(['ENOENT', 'ENOTDIR', 'EISDIR', 'ELOOP', 'ENAMETOOLONG']);
const DENIED = new Set(['EACCES', 'EPERM']);

/**
 * `file:///absolute/path`, or `file://./path` from `baseDirectory`. Without a key: the whole file less one line break
 * at its end. With `#key`: that key of a JSON file, or that variable of a dotenv file.
 */
export function createFileProvider(baseDirectory: string): SecretProvider {
  return {
    scheme: 'file',
    selectsKeys: true,
    problemOf,
    async read(ref, { signal }) {
      const text = await readText(resolve(baseDirectory, ref.path), signal);
      if (text.trim() === '') throw invalidValue('is empty: the file holds nothing.');
      return { value: ref.key === undefined ? text.replace(/\r?\n$/, '') : selectFromFile(text, ref.key) };
    },
  };
}

function problemOf(ref: SecretRef): string | undefined {
  if (/^(\/|\.\.?\/)/.test(ref.path)) return undefined;
  return 'write file:///absolute/path, or file://./path for a path from the directory of the configuration.';
}

function selectFromFile(text: string, key: string): string {
  if (text.trimStart().startsWith('{')) return notEmpty(selectKey(text, key));
  const variables = parseEnv(text);
  if (!Object.hasOwn(variables, key)) throw secretErrors.NOT_FOUND();
  return notEmpty(variables[key] ?? '');
}

function notEmpty(selected: string): string {
  if (selected === '') throw invalidValue('is empty at the selected key.');
  return selected;
}

async function readText(path: string, signal: AbortSignal): Promise<string> {
  const bytes = await readBounded(path, signal);
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    throw invalidValue('is not UTF-8 text.');
  }
}

async function readBounded(path: string, signal: AbortSignal): Promise<Uint8Array> {
  let file: FileHandle | undefined;
  try {
    // Non-blocking, because opening a named pipe would otherwise wait for a writer, out of reach of the signal.
    file = await open(path, constants.O_RDONLY | constants.O_NONBLOCK);
    const before = await file.stat();
    if (!before.isFile()) throw secretErrors.NOT_FOUND();
    const bytes = await readAll(file, signal);
    const after = await file.stat();
    if (after.mtimeMs !== before.mtimeMs || after.size !== before.size) {
      throw secretErrors.UNAVAILABLE({ details: { problem: 'its file is being written' } });
    }
    return bytes;
  } catch (error) {
    throw toFileError(error);
  } finally {
    await file?.close();
  }
}

async function readAll(file: FileHandle, signal: AbortSignal): Promise<Uint8Array> {
  const buffer = new Uint8Array(MAX_VALUE_BYTES + 1);
  let length = 0;
  while (length < buffer.length) {
    signal.throwIfAborted();
    const { bytesRead } = await file.read(buffer, length, buffer.length - length, length);
    if (bytesRead === 0) return buffer.subarray(0, length);
    length += bytesRead;
  }
  throw invalidValue('is larger than 64 KiB.');
}

function toFileError(error: unknown): unknown {
  if (isHostlerError(error) || !(error instanceof Error) || !('syscall' in error)) return error;
  const code = 'code' in error ? String(error.code) : '';
  if (MISSING.has(code)) return secretErrors.NOT_FOUND({ cause: error });
  if (DENIED.has(code)) return secretErrors.ACCESS_DENIED({ cause: error });
  return secretErrors.UNAVAILABLE({ cause: error });
}
