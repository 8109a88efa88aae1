import type { Json } from '@hostler/kernel';
import { isMap, isScalar, parseDocument } from 'yaml';
import type { Node, Pair } from 'yaml';
import type { Edit } from './edit.ts';
import { stripComments } from './strip-comments.ts';

/** Writes into a text of JSON with comments; every character beside the edits stays. */
export function editJson(text: string, edits: readonly Edit[]): string {
  return edits.reduce(applyEdit, text);
}

/** A member of an object: offsets of its first character, of its value, and of the end of that. */
interface Member {
  readonly key: string;
  readonly start: number;
  readonly value: number;
  readonly end: number;
}

interface Place {
  readonly start: number;
  readonly end: number;
  readonly members: readonly Member[];
}

function applyEdit(text: string, { path, value }: Edit): string {
  // Comments become spaces, so that offsets are those of the text.
  const bare = stripComments(text);
  const place = placeOf(bare, path.slice(0, -1));
  const key = path.at(-1) as string;
  const index = place.members.findIndex((member) => member.key === key);
  if (value === undefined) return index === -1 ? text : withoutMember(text, bare, place, index);
  const member = place.members[index];
  if (member === undefined) return withMember(text, place, key, value);
  return splice(text, [member.value, member.end], render(value, lineIndent(text, member.start)));
}

function placeOf(bare: string, path: readonly string[]): Place {
  const map = parseDocument(bare, { stringKeys: true }).getIn(path, true);
  if (!isMap(map) || !map.range) throw new Error('there is no object at this place');
  const members = (map.items as Pair<Node, Node | null>[]).flatMap(({ key, value }) => {
    if (!isScalar(key) || !key.range || !value?.range) return [];
    return [{ key: String(key.value), start: key.range[0], value: value.range[0], end: value.range[1] }];
  });
  return { start: map.range[0], end: map.range[1], members };
}

function withMember(text: string, { start, end, members }: Place, key: string, value: Json): string {
  const last = members.at(-1);
  const name = JSON.stringify(key);
  if (last === undefined) {
    const outer = indentAt(text, start);
    const inner = `${outer}  `;
    return splice(text, [start, end], `{\n${inner}${name}: ${render(value, inner)}\n${outer}}`);
  }
  const indent = lineIndent(text, last.start);
  const before = indent === undefined ? ', ' : `,\n${indent}`;
  return splice(text, [last.end, last.end], `${before}${name}: ${render(value, indent)}`);
}

/** With the comments before it, which most likely are about it, and with one of the commas around it. */
function withoutMember(text: string, bare: string, { start, members }: Place, index: number): string {
  const member = members[index] as Member;
  const previous = members[index - 1];
  const commaBefore = previous === undefined ? start : bare.indexOf(',', previous.end);
  const lineEnd = text.indexOf('\n', commaBefore);
  const from = lineEnd !== -1 && lineEnd < member.start ? lineEnd : commaBefore + 1;
  const isLast = index === members.length - 1;
  const rest = splice(text, [from, isLast ? member.end : bare.indexOf(',', member.end) + 1], '');
  return isLast && previous !== undefined ? splice(rest, [commaBefore, commaBefore + 1], '') : rest;
}

function render(value: Json, indent: string | undefined): string {
  const text = JSON.stringify(value, undefined, 2);
  return indent === undefined ? text.replaceAll(/\n */g, ' ') : text.replaceAll('\n', `\n${indent}`);
}

/** The space at the beginning of the line. */
function indentAt(text: string, offset: number): string {
  return /^[ \t]*/.exec(text.slice(text.lastIndexOf('\n', offset - 1) + 1, offset))?.[0] ?? '';
}

/** The same when nothing else stands before the offset on its line. */
function lineIndent(text: string, offset: number): string | undefined {
  const indent = indentAt(text, offset);
  return text.lastIndexOf('\n', offset - 1) + 1 + indent.length === offset ? indent : undefined;
}

function splice(text: string, [from, to]: readonly [number, number], inserted: string): string {
  return text.slice(0, from) + inserted + text.slice(to);
}
