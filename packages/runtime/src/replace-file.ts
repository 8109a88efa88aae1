import { randomUUID } from 'node:crypto';
import { open, rename, rm } from 'node:fs/promises';

/** Whoever reads meanwhile, or after the machine stopped in between, sees the old file or the new one, whole. */
export async function replaceFile(path: string, content: string | Uint8Array, mode: number): Promise<void> {
  const next = `${path}.${randomUUID()}.tmp`;
  try {
    const file = await open(next, 'wx', mode);
    try {
      await file.writeFile(content);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(next, path);
  } catch (error) {
    await rm(next, { force: true });
    throw error;
  }
}
