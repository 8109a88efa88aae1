import { existsSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { withoutBlocks } from './code-blocks.ts';
import { root } from './documents.ts';
import type { Document } from './documents.ts';

/** The links of a document that lead nowhere inside the repository, with the line they stand in. */
export function brokenLinks(document: Document): readonly string[] {
  return withoutBlocks(document)
    .split('\n')
    .flatMap((text, index) =>
      targetsIn(text.replaceAll(/(?<!`)`[^`]+`(?!`)/g, ''))
        .filter((target) => leadsNowhere(document, target))
        .map((target) => `${document.path}:${index + 1}: ${target}`),
    );
}

/** Of links and pictures, in a line or defined below, and of the tags that documents use for pictures. */
function targetsIn(line: string): readonly string[] {
  const patterns = [
    /\]\(<?([^()\s>]+(?:\([^()\s]*\))?)>?(?:\s+"[^"]*")?\)/g,
    /^\s*\[[^\]]+\]:\s+(\S+)/g,
    /\b(?:src|href)="([^"]+)"/g,
  ];
  return patterns
    .flatMap((pattern) => [...line.matchAll(pattern)].map(([, target = '']) => target))
    .filter((target) => !/^(?:[a-z][a-z+.-]*:|\/\/)/i.test(target));
}

function leadsNowhere({ path, text }: Document, target: string): boolean {
  const [file = '', anchor] = target.split('#');
  const place = file === '' ? path : normalize(join(dirname(path), decodeURIComponent(file)));
  if (file !== '' && (place.startsWith('..') || !existsSync(join(root, place)))) return true;
  if (anchor === undefined || !place.endsWith('.md')) return false;
  const there = file === '' ? text : readFileSync(join(root, place), 'utf8');
  return !anchorsOf({ path: place, text: there }).includes(decodeURIComponent(anchor));
}

/** As hosts of repositories make them from headings: lower case, without punctuation, a dash for each blank. */
function anchorsOf(document: Document): readonly string[] {
  const seen = new Map<string, number>();
  const headings = [...withoutBlocks(document).matchAll(/^#{1,6}\s+(.+?)\s*#*$/gm)].map(([, heading = '']) => {
    const plain = heading.replaceAll(/\[([^\]]*)\]\([^)]*\)/g, '$1').replaceAll(/[`*]/g, '');
    const name = plain
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N}\s_-]/gu, '')
      .replaceAll(/\s/g, '-');
    const count = seen.get(name) ?? 0;
    seen.set(name, count + 1);
    return count === 0 ? name : `${name}-${count}`;
  });
  const tags = [...document.text.matchAll(/<a (?:id|name)="([^"]+)"/g)].map(([, name = '']) => name);
  return [...headings, ...tags];
}
