import { withoutBlocks } from './code-blocks.ts';
import type { CommandLine } from './command-lines.ts';
import type { Document } from './documents.ts';

const programs = /^(?:hostler|pnpm|npm run|npm start|npm test|docker compose|docker buildx bake)(?: |$)/;
/** What stands for something else, or is left open: no command as it is written. */
const open = /[<>…|{}]|\.\.\.|\bX\b/;

/** The commands that a document names in its sentences and tables, as code of one line. */
export function mentionedCommands(document: Document): readonly CommandLine[] {
  return withoutBlocks(document)
    .split('\n')
    .flatMap((text, index) =>
      [...text.matchAll(/(?<!`)`([^`]+)`(?!`)/g)]
        .map(([, code = '']) => code.trim())
        .filter((code) => programs.test(code) && !open.test(code))
        .map((code) => ({ path: document.path, line: index + 1, text: code })),
    );
}
