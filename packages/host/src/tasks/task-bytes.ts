import { isJsonObject } from '@hostler/kernel';
import type { Json, JsonObject } from '@hostler/kernel';
import { editObject, elementsOf, joinElements, memberBytes } from '@hostler/protocol';
import { memberValue } from '../member-value.ts';
import { RELATED_TASK } from './task-support.ts';

/** The id under which a client knows a task; undefined for one that it shall not know. */
export type Rename = (taskId: string) => string | undefined;

const MARK = Buffer.from('"taskId"');

/** Whether a task can be named anywhere in it: a search through the bytes spares parsing nearly every result. */
export function mayNameTask(bytes: Uint8Array): boolean {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).includes(MARK);
}

/** The `taskId` of an object. @throws JsonShapeError */
export function taskIdIn(bytes: Uint8Array): string | undefined {
  if (bytes[0] !== OPEN_BRACE) return undefined;
  const value = memberValue(bytes, 'taskId');
  return typeof value === 'string' ? value : undefined;
}

export function withTaskId(bytes: Uint8Array, taskId: string): Uint8Array {
  return editObject(bytes, { set: { taskId: JSON.stringify(taskId) } });
}

/** The result with the ids of its tasks replaced, those left out that have none. @throws JsonShapeError */
export function renamedList(result: Uint8Array, rename: Rename): Uint8Array {
  const list = memberBytes(result, 'tasks');
  if (list?.[0] !== OPEN_BRACKET) return result;
  const tasks = elementsOf(list).flatMap((task) => {
    const taskId = taskIdIn(task);
    const renamed = taskId === undefined ? undefined : rename(taskId);
    return renamed === undefined ? [] : [withTaskId(task, renamed)];
  });
  return editObject(result, { set: { tasks: joinElements(tasks) } });
}

/** The result with the id of the task that it belongs to replaced, or without it. @throws JsonShapeError */
export function renamedRelation(result: Uint8Array, rename: Rename): Uint8Array {
  const meta = memberBytes(result, '_meta');
  if (meta?.[0] !== OPEN_BRACE) return result;
  const related = memberBytes(meta, RELATED_TASK);
  const taskId = related && taskIdIn(related);
  if (related === undefined || taskId === undefined) return result;
  const renamed = rename(taskId);
  const edit =
    renamed === undefined ? { remove: [RELATED_TASK] } : { set: { [RELATED_TASK]: withTaskId(related, renamed) } };
  return editObject(result, { set: { _meta: editObject(meta, edit) } });
}

/** The same for what is no bytes any more. */
export function withRenamedRelation(params: JsonObject | undefined, rename: Rename): JsonObject | undefined {
  const meta = params?.['_meta'];
  const related: Json | undefined = isJsonObject(meta) ? meta[RELATED_TASK] : undefined;
  if (params === undefined || !isJsonObject(meta) || !isJsonObject(related)) return params;
  const { [RELATED_TASK]: _, ...others } = meta;
  const renamed = typeof related['taskId'] === 'string' ? rename(related['taskId']) : undefined;
  return {
    ...params,
    _meta: renamed === undefined ? others : { ...others, [RELATED_TASK]: { ...related, taskId: renamed } },
  };
}

const OPEN_BRACE = 0x7b;
const OPEN_BRACKET = 0x5b;
