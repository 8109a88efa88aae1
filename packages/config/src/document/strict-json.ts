import { isAlias, isMap, isSeq, isScalar, visit } from 'yaml';
import type { Document, Node } from 'yaml';
import type { Report } from './finding.ts';

const LITERAL = /^(?:-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null)$/;

/** The parser reads YAML; a `.json` file that only YAML understands would surprise every other program. Reports once. */
export function checkStrictJson(document: Document, text: string, report: Report): void {
  visit(document, (_, node) => {
    const fault = isYamlOnly(node, text);
    if (fault === undefined || !isLocated(node)) return undefined;
    report(node.range[0], [], fault);
    return visit.BREAK;
  });
}

function isYamlOnly(node: unknown, text: string): string | undefined {
  if (isMap(node) || isSeq(node)) return node.flow === true ? undefined : 'JSON needs braces or brackets here';
  if (isAlias(node)) return 'JSON has no aliases';
  if (!isScalar(node)) return undefined;
  if (node.type === 'PLAIN') {
    return LITERAL.test(node.source ?? '') ? undefined : 'JSON needs double quotes around text and keys';
  }
  if (node.type !== 'QUOTE_DOUBLE') return 'JSON needs double quotes around text and keys';
  const [start, end] = node.range ?? [0, 0];
  return text.slice(start, end).includes('\n') ? 'JSON text stands on one line: a quote is missing' : undefined;
}

function isLocated(node: unknown): node is Node & { range: [number, number, number] } {
  return typeof node === 'object' && node !== null && 'range' in node && Array.isArray(node.range);
}
