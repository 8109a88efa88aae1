import type { Document } from './documents.ts';

export interface CodeBlock {
  readonly path: string;
  /** Of its first line of code; the first line of a document is 1. */
  readonly line: number;
  readonly language: string;
  readonly lines: readonly string[];
}

/** The fenced blocks of a document, in order. */
export function codeBlocks({ path, text }: Document): readonly CodeBlock[] {
  const blocks: CodeBlock[] = [];
  let open: { fence: string; indent: number; language: string; line: number; lines: string[] } | undefined;
  for (const [index, line] of text.split('\n').entries()) {
    const [, indent = '', fence = '', language = ''] = /^(\s*)(`{3,}|~{3,})\s*([\w-]*)/.exec(line) ?? [];
    if (open === undefined) {
      if (fence !== '') open = { fence, indent: indent.length, language, line: index + 2, lines: [] };
    } else if (fence.startsWith(open.fence) && line.trim() === fence) {
      blocks.push({ path, line: open.line, language: open.language, lines: open.lines });
      open = undefined;
    } else open.lines.push(line.slice(Math.min(open.indent, line.length - line.trimStart().length)));
  }
  return blocks;
}

/** A document without its fenced blocks; every line keeps its number. */
export function withoutBlocks(document: Document): string {
  const lines = document.text.split('\n');
  for (const { line, lines: code } of codeBlocks(document)) lines.fill('', line - 2, line + code.length);
  return lines.join('\n');
}
