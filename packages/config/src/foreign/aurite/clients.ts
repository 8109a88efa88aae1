import { basename, dirname } from 'node:path';
import { isJsonObject } from '@hostler/kernel';
import type { Json } from '@hostler/kernel';
import type { Path } from '../../path.ts';

/** One entry of a file of Aurite, with its place. */
export interface AuriteClient {
  readonly path: Path;
  readonly id: Json | undefined;
  readonly entry: Json | undefined;
}

/** Whether a value is a file of Aurite: a host or project with `clients`, or the clients of a component file. */
export function isAurite(value: Json | undefined): boolean {
  if (Array.isArray(value)) return value.length > 0 && (value as readonly Json[]).every(isClient);
  if (!isJsonObject(value)) return false;
  const { clients } = value;
  return Array.isArray(clients) || isJsonObject(clients) || isClient(value);
}

function isClient(value: Json): boolean {
  return isJsonObject(value) && typeof value['client_id'] === 'string';
}

/** All clients, in whichever of its shapes the file holds them: a list, a map by id, or one alone. */
export function clientsOf(value: Json): readonly AuriteClient[] {
  if (Array.isArray(value)) return fromList(value, []);
  if (!isJsonObject(value)) return [];
  const { clients } = value;
  if (clients === undefined) return [{ path: [], id: value['client_id'], entry: value }];
  if (Array.isArray(clients)) return fromList(clients, ['clients']);
  if (!isJsonObject(clients)) return [];
  return Object.entries(clients).map(([id, entry]) => ({ path: ['clients', id], id, entry }));
}

function fromList(list: readonly Json[], path: Path): readonly AuriteClient[] {
  return list.map((entry, index) => ({
    path: [...path, index],
    id: isJsonObject(entry) ? entry['client_id'] : entry,
    entry,
  }));
}

/** Aurite's paths start at the root of a project, whose files are in `config/` or in a folder of that. */
export function auriteFolderOf(file: string): string {
  const folder = dirname(file);
  for (const candidate of [folder, dirname(folder)]) if (basename(candidate) === 'config') return dirname(candidate);
  return folder;
}
