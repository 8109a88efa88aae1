import { statfs } from 'node:fs/promises';

/** Source: linux/magic.h, and the file systems that are not in it (btrfs and xfs are; zfs: sys/zfs_vfsops). */
const LOCAL: ReadonlySet<number> = new Set([
  0xef_53, // ext2 to ext4
  0x58_46_53_42, // xfs
  0x91_23_68_3e, // btrfs
  0xf2_f5_20_10, // f2fs
  0x2f_c1_2f_c1, // zfs
  0x01_02_19_94, // tmpfs
  0x79_4c_76_30, // overlayfs
]);

/** Whether a folder is known to be on a disk of this machine: on one behind a network a write may wait for ever. */
export async function isLocalDisk(directory: string): Promise<boolean> {
  if (process.platform !== 'linux') return false;
  try {
    return LOCAL.has((await statfs(directory)).type);
  } catch {
    return false;
  }
}
