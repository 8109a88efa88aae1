import type { ViewKind } from '@hostler/kernel';
import { compileGlob } from './view-glob.ts';
import type { Glob } from './view-glob.ts';
import { plainUriPart } from './plain-uri.ts';

/** What a consumer may use, or may not: the server that it is on, and its name there. */
export interface ViewPattern {
  /** Absent: every kind. */
  readonly kind: ViewKind | undefined;
  readonly server: Glob;
  readonly name: Glob;
  /** The same for URIs in their plainest form. */
  readonly plainName: Glob;
}

const PATTERN = /^(?:(tool|prompt|resource):)?([^/]*)\/(.+)$/s;
const SERVER = /^[\w*?-]+$/;

/** @throws TypeError for what is no pattern: neither more nor less than was meant shall be let through */
export function parseViewPattern(text: string): ViewPattern {
  const problem = viewPatternProblem(text);
  if (problem !== undefined) throw new TypeError(`${JSON.stringify(text)} is no pattern: ${problem}`);
  const [, kind, server = '', name = ''] = PATTERN.exec(text) ?? [];
  return {
    kind: kind as ViewKind | undefined,
    server: compileGlob(server),
    name: compileGlob(name),
    plainName: compileGlob(name, plainUriPart),
  };
}

/** What is wrong with a pattern of `allow` or `deny`; undefined when it is right. */
export function viewPatternProblem(text: string): string | undefined {
  const [, , server, name] = PATTERN.exec(text) ?? [];
  if (server === undefined || name === undefined) return 'it needs a server, "/" and a name';
  return SERVER.test(server)
    ? undefined
    : 'before the first "/" stands the name of a server, after "tool:", "prompt:", "resource:" or nothing';
}
