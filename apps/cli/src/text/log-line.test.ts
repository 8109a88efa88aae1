import { expect, it } from 'vitest';
import { logLine } from './log-line.ts';

const plain = (_style: string, text: string): string => text;

it('shows level, server, message and fields', () => {
  const line = JSON.stringify({ level: 40, time: 'now', server: 'files', restarts: 2, msg: 'it ended' });
  expect(logLine(line, plain)).toBe('warn  files: it ended restarts=2');
});

it('shows the message of an error, not its stack', () => {
  const line = JSON.stringify({ level: 50, error: { message: 'broken', stack: 'at x' }, msg: 'failed' });
  expect(logLine(line, plain)).toBe('error failed error=broken');
});

it('shows a line that is no record as it is, made safe', () => {
  expect(logLine('oh\u001b[2J no', plain)).toBe('oh no');
});

it('ends with the problem where there is one, without what it was made from', () => {
  const line = JSON.stringify({
    level: 40,
    server: 'a',
    problem: 'Install it.',
    code: 'X',
    error: { message: 'no' },
    msg: 'down',
  });
  expect(logLine(line, plain)).toBe('warn  a: down: Install it.');
});
