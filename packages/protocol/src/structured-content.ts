import { isJsonObject } from '@hostler/kernel';
import type { Json } from '@hostler/kernel';
import { elementsOf, joinElements } from './edit-list.ts';
import { editObject, memberBytes } from './edit-object.ts';
import { parseBytes } from './json-scan.ts';

/**
 * Legacy structured content must be an object. Any other value is wrapped as `{"result": …}`, and stands in the content
 * as text too when there is none: legacy clients that know no structured content show only that.
 * @throws JsonShapeError
 */
export function legacyStructuredContent(result: Uint8Array): Record<string, Uint8Array> {
  const structured = memberBytes(result, 'structuredContent');
  if (structured === undefined || structured[0] === OPEN_BRACE) return {};
  const wrapped = editObject(EMPTY_OBJECT, { set: { result: structured } });
  const content = memberBytes(result, 'content') ?? EMPTY_LIST;
  const blocks = elementsOf(content);
  if (blocks.some((block) => memberText(block, 'type') === 'text')) return { structuredContent: wrapped };
  const text = JSON.stringify(Buffer.from(structured).toString('utf8'));
  const shown = joinElements([...blocks, Buffer.from(`{"type":"text","text":${text}}`)]);
  return { structuredContent: wrapped, content: shown };
}

/**
 * A legacy output schema must describe an object. One that describes anything else is wrapped just as the content is; one
 * that leaves open what it describes, or refers into itself from its root, is left out: a client that checks content
 * against it would refuse good results.
 * @throws JsonShapeError
 */
export function legacyTools(result: Uint8Array): Record<string, Uint8Array> {
  const tools = memberBytes(result, 'tools');
  return tools === undefined ? {} : { tools: joinElements(elementsOf(tools).map(legacyTool)) };
}

/** One tool's definition, as `legacyTools` has it. @throws JsonShapeError */
export function legacyTool(tool: Uint8Array): Uint8Array {
  const bytes = memberBytes(tool, 'outputSchema');
  if (bytes === undefined) return tool;
  const schema = parseBytes(bytes);
  const type = isJsonObject(schema) ? schema['type'] : undefined;
  if (type === 'object') return tool;
  if (typeof type !== 'string' || refersToItself(schema)) return editObject(tool, { remove: ['outputSchema'] });
  const wrapped = Buffer.concat([
    Buffer.from('{"type":"object","properties":{"result":'),
    bytes,
    Buffer.from('},"required":["result"]}'),
  ]);
  return editObject(tool, { set: { outputSchema: wrapped } });
}

function refersToItself(schema: Json): boolean {
  return /"\$(?:ref|dynamicRef|recursiveRef)":/.test(JSON.stringify(schema));
}

function memberText(object: Uint8Array, key: string): Json | undefined {
  const bytes = memberBytes(object, key);
  return bytes && parseBytes(bytes);
}

const OPEN_BRACE = 0x7b;
const EMPTY_OBJECT = Buffer.from('{}');
const EMPTY_LIST = Buffer.from('[]');
