import { copyFileSync, mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { programs, toolsFolder } from './places.mjs';
import { unpackDebian } from './unpack-debian.mjs';

/** Debian's own `prometheus`, with `promtool`. @returns why they could not be had */
export function fetchPrometheus() {
  return copyFromDebian('prometheus', ['prometheus', 'promtool']);
}

/** @returns why it could not be had */
export function fetchEtcd() {
  return copyFromDebian('etcd-server', ['etcd']);
}

function copyFromDebian(debianPackage, names) {
  const folder = join(toolsFolder, debianPackage);
  const failed = unpackDebian([debianPackage], folder);
  if (failed !== undefined) return failed;
  mkdirSync(programs, { recursive: true });
  for (const name of names) copyFileSync(join(folder, 'usr/bin', name), join(programs, name));
  rmSync(folder, { recursive: true, force: true });
  return undefined;
}
