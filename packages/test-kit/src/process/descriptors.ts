import { readdirSync, readlinkSync } from 'node:fs';

/** What the open descriptors of a process point to, such as `socket:[123]` or a path. Linux only. */
export function openDescriptors(pid: number | 'self' = 'self'): readonly string[] {
  const folder = `/proc/${pid}/fd`;
  return readdirSync(folder).flatMap((descriptor) => {
    try {
      return readlinkSync(`${folder}/${descriptor}`);
    } catch {
      return []; // Closed while we looked: the one of the folder itself, at least.
    }
  });
}
