import { isCollection, isMap, parseDocument, visit } from 'yaml';
import type { Document, YAMLMap } from 'yaml';
import type { Edit } from './edit.ts';

/** Writes into a YAML text; comments, order, quotes and blank lines stay. @throws when an edit leads into an alias. */
export function editYaml(text: string, edits: readonly Edit[]): string {
  const document = parseDocument(text, { version: '1.2', schema: 'core', stringKeys: true });
  keepPadding(document, text);
  for (const { path, value } of edits) {
    if (value === undefined) document.deleteIn(path);
    else {
      const parent = document.getIn(path.slice(0, -1), true);
      // `servers: {}` is a way to write nothing, not a wish for braces.
      if (isMap(parent) && parent.items.length === 0) parent.flow = false;
      document.setIn(path, document.createNode(value));
    }
  }
  return document.toString({ lineWidth: 0, indent: indentOf(text), indentSeq: !/^( *)[^\s#-].*:\n\1- /m.test(text) });
}

/** Brackets with and without a space inside stand in one file; the library writes all of them in one way. */
function keepPadding(document: Document, text: string): void {
  visit(document, (_, node) => {
    if (!isCollection(node) || node.flow !== true || !node.range) return;
    const flowCollectionPadding = text[node.range[0] + 1] === ' ' ? ' ' : '';
    const write = node.toString.bind(node) as YAMLMap['toString'];
    node.toString = ((context, ...rest) =>
      write(context && { ...context, flowCollectionPadding }, ...rest)) as YAMLMap['toString'];
  });
}

/** The spaces by which this text indents. */
function indentOf(text: string): number {
  const width = /^[^\s#][^\n]*:\n(?:\s*#[^\n]*\n)*( +)[^\s#-]/m.exec(text)?.[1]?.length;
  return width === undefined ? 2 : Math.min(width, 8);
}
