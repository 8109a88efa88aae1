import { Writable } from 'node:stream';
import { describe, expect, it } from 'vitest';
import type { UpstreamState } from '@hostler/upstream';
import { createOutput } from '../output.ts';
import { createProgress } from './progress.ts';

function world(columns?: number) {
  let text = '';
  const stderr = new Writable({
    write(chunk: Buffer, _encoding, done) {
      text += chunk.toString();
      done();
    },
  });
  if (columns !== undefined) Object.assign(stderr, { isTTY: true, columns });
  const context = {
    arguments: [],
    environment: {},
    workingDirectory: '/',
    stdin: process.stdin,
    stdout: stderr,
    stderr,
    signals: { on: () => undefined, off: () => undefined },
  };
  return { output: createOutput(context, { color: false }), text: () => text };
}

const starting: UpstreamState = { name: 'one', status: 'starting', phase: 'connecting', required: false, restarts: 0 };
const up: UpstreamState = { ...starting, status: 'up', startedIn: 41.6 };
const down: UpstreamState = { ...starting, status: 'down', problem: 'not\u001b[2J found '.repeat(20) };

describe('progress', () => {
  it('is one line a change where nothing can be redrawn, and repeats nothing', () => {
    const { output, text } = world();
    const progress = createProgress(output, ['one']);
    const failed: UpstreamState = { ...starting, status: 'down', problem: 'gone' };
    for (const state of [starting, failed, starting, failed, up, up]) progress.update(state);
    progress.finish();
    expect(text()).toBe('one: starting\none: down: gone\none: up (42 ms)\n');
  });

  it('is a block that is redrawn on a terminal and gone when it is finished', () => {
    const { output, text } = world(60);
    const progress = createProgress(output, ['one', 'two']);
    expect(text()).toBe('  … one  starting\n  … two  starting\n');
    progress.update(up);
    expect(text()).toContain('\u001b[2A\u001b[J  ✓ one  up (42 ms)\n  … two  starting\n');
    progress.finish();
    expect(text().endsWith('\u001b[2A\u001b[J')).toBe(true);
  });

  it('never wraps a line of the block, nor lets a server steer the terminal', () => {
    const { output, text } = world(40);
    createProgress(output, ['one']).update(down);
    const last = text().trimEnd().split('\n').at(-1) ?? '';
    // eslint-disable-next-line no-control-regex -- the block's own sequences
    expect(last.replaceAll(/\u001b\[(?:\d+A|J)/g, '').length).toBeLessThan(40);
    expect(text()).not.toContain('\u001b[2J');
  });

  it('writes lines alone when the block is gone', () => {
    const { output, text } = world(60);
    const progress = createProgress(output, ['one']);
    progress.finish();
    progress.write('warn  hello');
    progress.update(up);
    expect(text().endsWith('\u001b[Jwarn  hello\n')).toBe(true);
  });

  it('puts a line of the log above the block', () => {
    const { output, text } = world(60);
    createProgress(output, ['one']).write('warn  hello');
    expect(text().endsWith('\u001b[1A\u001b[Jwarn  hello\n  … one  starting\n')).toBe(true);
  });
});
