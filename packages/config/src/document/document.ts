import type { Json } from '@hostler/kernel';
import { LineCounter, parseDocument } from 'yaml';
import type { Locate, Position } from '../problem.ts';
import type { Finding, Report } from './finding.ts';
import { findPlace, readPlaces } from './places.ts';
import { checkStrictJson } from './strict-json.ts';
import { stripComments } from './strip-comments.ts';
import { describeSyntaxError } from './syntax-errors.ts';

export type Syntax = 'yaml' | 'json';

export interface ConfigDocument {
  /** Absent when the text is broken in a way that leaves no trustworthy tree. */
  readonly value?: Json;
  readonly locate: Locate;
  readonly findings: readonly Finding[];
}

/**
 * Reads a text, with the position of each of its parts. JSON is read by the YAML parser too (YAML 1.2 contains JSON), so
 * every format has the same positions; what YAML allows and JSON forbids is refused afterwards.
 */
export function readDocument(text: string, syntax: Syntax): ConfigDocument {
  const lines = new LineCounter();
  const document = parseDocument(syntax === 'json' ? stripComments(text) : text, {
    version: '1.2',
    schema: 'core',
    prettyErrors: false,
    stringKeys: true,
    // The parser compares every key with every other, minutes for a large file; readPlaces needs one pass.
    uniqueKeys: false,
    lineCounter: lines,
  });
  const toPosition = (offset: number): Position => {
    const { line, col } = lines.linePos(offset);
    return { line, column: col };
  };
  const broken = syntaxFindings([...document.errors, ...document.warnings], syntax, toPosition);
  if (broken.length > 0) return { locate: () => undefined, findings: broken };

  const findings: Finding[] = [];
  const report: Report = (offset, path, message) => findings.push({ position: toPosition(offset), path, message });
  if (syntax === 'json') checkStrictJson(document, text, report);
  const top = readPlaces(document.contents, report);
  const locate: Locate = (path, part) => {
    const place = findPlace(top, path);
    // A map, list or empty value is best pointed at by its key: in YAML it has no first character of its own.
    const isShapeless = place.children !== undefined || place.value === null;
    const offset = place.key !== undefined && (part === 'key' || isShapeless) ? place.key : place.start;
    return toPosition(offset);
  };
  return { ...(top.value !== undefined && { value: top.value }), locate, findings };
}

interface SyntaxError {
  readonly code: string;
  readonly pos: readonly [number, number];
}

function syntaxFindings(
  errors: readonly SyntaxError[],
  syntax: Syntax,
  toPosition: (offset: number) => Position,
): Finding[] {
  const findings: Finding[] = [];
  let lastCode: string | undefined;
  for (const { code, pos } of errors) {
    const position = toPosition(pos[0]);
    // What follows an error on the same line, or repeats it further down, is most often its echo.
    if (code === lastCode || findings.at(-1)?.position.line === position.line) continue;
    findings.push({ position, path: [], message: describeSyntaxError(code, syntax) });
    lastCode = code;
  }
  return findings;
}
