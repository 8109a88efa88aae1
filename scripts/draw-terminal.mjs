#!/usr/bin/env node
// Draws what a terminal shows as an SVG. Standard input: text with colours, from a terminal of 80 columns:
//   tmux capture-pane -e -p | node scripts/draw-terminal.mjs 'npm start' > docs/quick-start.svg
// The argument is the title, and the first line that is drawn is the one that ends in it.
import { text } from 'node:stream/consumers';

const COLUMNS = 80;
const CELL = 8.4;
const LINE = 20;
const MARGIN = 18;
const FONT = "ui-monospace, SFMono-Regular, Menlo, Consolas, 'DejaVu Sans Mono', 'Liberation Mono', monospace";
/** SGR codes (ECMA-48, 8.3.117) that the command uses, and what ends them. */
const STYLES = { 1: 'bold', 2: 'dim', 31: 'red', 32: 'green', 33: 'yellow', 36: 'cyan' };
const ENDS = { 22: ['bold', 'dim'], 39: ['red', 'green', 'yellow', 'cyan'] };

const [title = ''] = process.argv.slice(2);
const styles = new Set();
const all = (await text(process.stdin)).trimEnd().split('\n').map(toSpans);
const plain = (spans) => spans.map((span) => span.text).join('');
const start = all.findLastIndex((spans) => plain(spans).endsWith(`$ ${title}`));
const lines = all.slice(Math.max(0, start));
const width = Math.ceil(COLUMNS * CELL + 2 * MARGIN);
const height = lines.length * LINE + 2 * MARGIN;

process.stdout
  .write(`<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" role="img" aria-labelledby="title">
<title id="title">${escape(title)}, on a terminal</title>
<style>
  text { font: 14px ${FONT}; fill: #d1d7e0; }
  .bold { font-weight: 600; fill: #ffffff } .dim { fill: #8b949e } .red { fill: #ff7b72 }
  .green { fill: #3fb950 } .yellow { fill: #d29922 } .cyan { fill: #56d4dd }
</style>
<rect width="${width}" height="${height}" rx="8" fill="#0d1117"/>
${lines.flatMap(drawLine).join('\n')}
</svg>
`);

function toSpans(line) {
  const [first, ...parts] = line.split('\u001b[');
  const spans = [{ text: first, style: [...styles].join(' ') }];
  for (const part of parts) {
    const [, codes = '', rest = ''] = /^([\d;]*)m(.*)$/s.exec(part) ?? [];
    for (const code of codes.split(';')) apply(Number(code));
    spans.push({ text: rest, style: [...styles].join(' ') });
  }
  return spans;
}

function apply(code) {
  if (code === 0) styles.clear();
  for (const style of ENDS[code] ?? []) styles.delete(style);
  if (code in STYLES) styles.add(STYLES[code]);
}

/** Every piece has its own place and length, so that columns stay columns in whatever font the reader has. */
function drawLine(spans, row) {
  let column = 0;
  const pieces = spans.flatMap(({ text: content, style }) =>
    content.split(/( {2,})/).map((piece) => {
      const from = column + piece.length - piece.trimStart().length;
      column += piece.length;
      return { from, shown: piece.trim(), style };
    }),
  );
  return pieces.flatMap(({ from, shown, style }) => {
    if (shown === '') return [];
    const place = `x="${round(MARGIN + from * CELL)}" y="${MARGIN + row * LINE + 14}" textLength="${round(shown.length * CELL)}"`;
    return [`<text ${place}${style === '' ? '' : ` class="${style}"`}>${escape(shown)}</text>`];
  });
}

function round(number) {
  return Math.round(number * 10) / 10;
}

function escape(string) {
  return string.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
