import { isJsonObject } from '@hostler/kernel';
import type { Json, JsonObject } from '@hostler/kernel';
import { printable, printableLine } from './printable.ts';

/** Content blocks of a tool, a prompt or a resource as lines for a person; what is not text is named, not shown. */
export function contentLines(blocks: Json | undefined): string[] {
  if (!Array.isArray(blocks)) return isJsonObject(blocks) ? blockLines(blocks) : [];
  return blocks.flatMap((block) => (isJsonObject(block) ? blockLines(block) : []));
}

function blockLines(block: JsonObject): string[] {
  const type = block['type'];
  if (type === 'resource' && isJsonObject(block['resource'])) return resourceLines(block['resource']);
  if (type === 'resource_link') return [`[${line(block, 'name')} ${line(block, 'uri')}]`];
  if (typeof block['text'] === 'string') return printable(block['text']).split('\n');
  if (typeof block['data'] === 'string') return [binaryLine(line(block, 'type'), block, block['data'])];
  return [`[${line(block, 'type') || 'content'} of a kind this version does not show]`];
}

/** One entry of a `resources/read` result, or the resource inside a content block. */
export function resourceLines(resource: JsonObject): string[] {
  if (typeof resource['text'] === 'string') return printable(resource['text']).split('\n');
  if (typeof resource['blob'] === 'string') return [binaryLine('binary', resource, resource['blob'])];
  return [`[${line(resource, 'uri')}]`];
}

function binaryLine(kind: string, { mimeType }: JsonObject, base64: string): string {
  const type = typeof mimeType === 'string' ? ` ${printableLine(mimeType)}` : '';
  return `[${kind}${type}, ${Buffer.byteLength(base64, 'base64')} bytes; --json shows it]`;
}

function line(object: JsonObject, key: string): string {
  const value = object[key];
  return typeof value === 'string' ? printableLine(value) : '';
}
