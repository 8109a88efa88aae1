import { editObject, memberBytes } from './edit-object.ts';
import { elementsOf, joinElements } from './edit-list.ts';
import { scanMembers } from './json-scan.ts';

const MARK = Buffer.from('"execution"');

/**
 * Tools that do not say whether they can run as tasks: the two eras start tasks in different ways, so what a server says
 * of its own way means nothing to a client of the other. Source: MCP 2025-11-25, basic/utilities/tasks.
 * @throws JsonShapeError
 */
export function withoutTaskSupport(result: Uint8Array): Uint8Array {
  if (!isMarked(result)) return result;
  const tools = memberBytes(result, 'tools');
  if (tools?.[0] !== OPEN_BRACKET) return result;
  return editObject(result, { set: { tools: joinElements(elementsOf(tools).map(toolWithoutTasks)) } });
}

/** One tool's definition, as `withoutTaskSupport` has it. @throws JsonShapeError */
export function toolWithoutTasks(tool: Uint8Array): Uint8Array {
  const execution = isMarked(tool) ? memberBytes(tool, 'execution') : undefined;
  if (execution?.[0] !== OPEN_BRACE) return tool;
  const others = scanMembers(execution).filter(({ key }) => key !== 'taskSupport');
  if (others.length === 0) return editObject(tool, { remove: ['execution'] });
  return editObject(tool, { set: { execution: editObject(execution, { remove: ['taskSupport'] }) } });
}

/** Hardly any tool has one: a search through the bytes spares reading the others. */
function isMarked(bytes: Uint8Array): boolean {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).includes(MARK);
}

const OPEN_BRACE = 0x7b;
const OPEN_BRACKET = 0x5b;
