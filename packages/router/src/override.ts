import { isJsonObject } from '@hostler/kernel';
import type { DefinitionOverride, Json, JsonObject, ToolOverride } from '@hostler/kernel';
import { editObject, memberBytes, parseBytes, scanElements } from '@hostler/protocol';
import type { ArgumentRules } from './argument-rules.ts';

type Members = Record<string, string | Uint8Array>;

/** The members of a tool's definition that its override changes. */
export function overriddenTool(bytes: Uint8Array, override: ToolOverride, rules: ArgumentRules | undefined): Members {
  const set = overriddenTexts(override);
  const { annotations } = override;
  if (annotations !== undefined) {
    set['annotations'] = editObject(objectMember(bytes, 'annotations'), { set: toTexts(annotations) });
  }
  const schema = memberBytes(bytes, 'inputSchema');
  if (rules !== undefined && schema?.[0] === OPEN_BRACE) set['inputSchema'] = editSchema(schema, rules);
  return set;
}

/** The members of a prompt's definition that its override changes. */
export function overriddenPrompt(
  bytes: Uint8Array,
  override: DefinitionOverride,
  rules: ArgumentRules | undefined,
): Members {
  const set = overriddenTexts(override);
  const list = memberBytes(bytes, 'arguments');
  if (rules !== undefined && list?.[0] === OPEN_BRACKET) set['arguments'] = editPromptArguments(list, rules);
  return set;
}

/** The names of the arguments that a definition has. */
export function argumentNames(kind: 'tool' | 'prompt', definition: Uint8Array): readonly string[] {
  const value = parseBytes(definition);
  if (!isJsonObject(value)) return [];
  if (kind === 'tool') {
    const schema = value['inputSchema'];
    const properties = isJsonObject(schema) ? schema['properties'] : undefined;
    return isJsonObject(properties) ? Object.keys(properties) : [];
  }
  const list = value['arguments'];
  return Array.isArray(list) ? (list as readonly Json[]).flatMap((argument) => nameOf(argument) ?? []) : [];
}

/** The names of the arguments without which a server refuses a call. */
export function requiredArguments(kind: 'tool' | 'prompt', definition: Uint8Array): readonly string[] {
  const value = parseBytes(definition);
  if (!isJsonObject(value)) return [];
  if (kind === 'tool') {
    const schema = value['inputSchema'];
    return isJsonObject(schema) ? textsOf(schema['required']) : [];
  }
  const list = value['arguments'];
  if (!Array.isArray(list)) return [];
  return (list as readonly Json[]).flatMap((argument) =>
    isJsonObject(argument) && argument['required'] === true ? (nameOf(argument) ?? []) : [],
  );
}

function overriddenTexts({ title, description }: DefinitionOverride): Members {
  return {
    ...(title !== undefined && { title: JSON.stringify(title) }),
    ...(description !== undefined && { description: JSON.stringify(description) }),
  };
}

/** Source: MCP 2025-11-25 and 2026-07-28, server/tools: `inputSchema` is a JSON Schema of type object. */
function editSchema(schema: Uint8Array, { removed, defaults }: ArgumentRules): Uint8Array {
  const set: Members = {};
  const properties = memberBytes(schema, 'properties');
  if (properties?.[0] === OPEN_BRACE) {
    const filled = Object.entries(defaults).flatMap(([name, value]): [string, Uint8Array][] => {
      const property = memberBytes(properties, name);
      if (property?.[0] !== OPEN_BRACE) return [];
      return [[name, editObject(property, { set: { default: JSON.stringify(value) } })]];
    });
    set['properties'] = editObject(properties, { remove: [...removed], set: Object.fromEntries(filled) });
  }
  const required = memberBytes(schema, 'required');
  if (required !== undefined) {
    const names = textsOf(parseBytes(required));
    const left = names.filter((name) => !removed.has(name) && !Object.hasOwn(defaults, name));
    // Revisions of JSON Schema before draft 6 allow no empty list here.
    if (left.length === 0) return editObject(schema, { set, remove: ['required'] });
    if (left.length < names.length) set['required'] = JSON.stringify(left);
  }
  return editObject(schema, { set });
}

function editPromptArguments(list: Uint8Array, { removed, defaults }: ArgumentRules): Uint8Array {
  const parts = scanElements(list, { start: 0, end: list.length }).flatMap(({ start, end }) => {
    const argument = list.subarray(start, end);
    const name = nameOf(parseBytes(argument));
    if (name === undefined) return [argument];
    if (removed.has(name)) return [];
    return [Object.hasOwn(defaults, name) ? editObject(argument, { remove: ['required'] }) : argument];
  });
  const separated = parts.flatMap((part, index) => (index === 0 ? [part] : [COMMA, part]));
  return Buffer.concat([Buffer.from('['), ...separated, Buffer.from(']')]);
}

/** An object member's bytes; those of an empty object when there is none. */
export function objectMember(bytes: Uint8Array, key: string): Uint8Array {
  const member = memberBytes(bytes, key);
  return member?.[0] === OPEN_BRACE ? member : EMPTY_OBJECT;
}

function toTexts(values: JsonObject): Record<string, string> {
  return Object.fromEntries(Object.entries(values).map(([key, value]) => [key, JSON.stringify(value ?? null)]));
}

function textsOf(value: Json | undefined): string[] {
  return Array.isArray(value) ? value.filter((entry): entry is string => typeof entry === 'string') : [];
}

function nameOf(argument: Json): string | undefined {
  const name = isJsonObject(argument) ? argument['name'] : undefined;
  return typeof name === 'string' ? name : undefined;
}

const OPEN_BRACE = 0x7b;
const OPEN_BRACKET = 0x5b;
const COMMA = Buffer.from(',');
const EMPTY_OBJECT = Buffer.from('{}');
