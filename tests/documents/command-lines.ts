import { codeBlocks } from './code-blocks.ts';
import type { CodeBlock } from './code-blocks.ts';
import type { Document } from './documents.ts';

/** A command that a document tells its reader to run. */
export interface CommandLine {
  readonly path: string;
  readonly line: number;
  /** Without comment and prompt; continued lines are one, and blanks are single. */
  readonly text: string;
}

const shells = /^(?:sh|bash|shell|console)$/;

/** Every command of the shell blocks of a document. */
export function commandLines(document: Document): readonly CommandLine[] {
  return codeBlocks(document)
    .filter(({ language }) => shells.test(language))
    .flatMap(commandsOf);
}

function commandsOf({ path, line, language, lines }: CodeBlock): readonly CommandLine[] {
  const isSession = language === 'console';
  const commands: CommandLine[] = [];
  let begun: { line: number; text: string } | undefined;
  let hereUntil: string | undefined;
  for (const [index, raw] of lines.entries()) {
    if (hereUntil !== undefined) {
      if (raw.trim() === hereUntil) hereUntil = undefined;
      continue;
    }
    if (begun === undefined && isSession && !raw.startsWith('$ ')) continue;
    const code = withoutComment(begun === undefined ? raw.replace(/^\$ /, '') : `${begun.text}${raw}`);
    begun = { line: begun?.line ?? line + index, text: code };
    if (code.endsWith('\\')) begun.text = `${code.slice(0, -1)} `;
    else if (hasOpenQuote(code)) begun.text = `${code}\n`;
    else {
      hereUntil = /<<-?\s*(['"]?)(\w+)\1/.exec(code)?.[2];
      const text = code.replaceAll(/\s+/g, ' ').trim();
      if (text !== '') commands.push({ path, line: begun.line, text });
      begun = undefined;
    }
  }
  return commands;
}

/** A `#` begins a comment at the beginning of a word, outside quotes. */
function withoutComment(line: string): string {
  let quote = '';
  for (let index = 0; index < line.length; index++) {
    const character = line.charAt(index);
    if (quote !== '') quote = character === quote ? '' : quote;
    else if (character === "'" || character === '"') quote = character;
    else if (character === '#' && /^\s?$/.test(line.charAt(index - 1))) return line.slice(0, index).trimEnd();
  }
  return line.trimEnd();
}

function hasOpenQuote(line: string): boolean {
  let quote = '';
  for (const character of line) {
    if (quote !== '') quote = character === quote ? '' : quote;
    else if (character === "'" || character === '"') quote = character;
  }
  return quote !== '';
}
