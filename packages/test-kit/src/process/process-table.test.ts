import { describe, expect, it } from 'vitest';
import { alive, descendants, parseStat } from './process-table.ts';

describe('parseStat', () => {
  it('reads pid, state and parent', () => {
    expect(parseStat('42 (node) S 7 42 42 0 -1')).toEqual({ pid: 42, state: 'S', parent: 7 });
  });

  it('is not misled by a command that looks like fields', () => {
    expect(parseStat('42 (a) R 1 (b) Z 9 0 0')).toEqual({ pid: 42, state: 'Z', parent: 9 });
  });

  it('gives nothing for a line of another shape', () => {
    expect(parseStat('')).toBeUndefined();
  });
});

describe('the process table', () => {
  it('knows this process and not a pid beyond the limit of the kernel', () => {
    expect(alive(process.pid)).toBe(true);
    expect(alive(2 ** 22 + 1)).toBe(false);
  });

  it('lists this process under its parent and not under itself', () => {
    expect(descendants(process.ppid)).toContain(process.pid);
    expect(descendants(process.pid)).not.toContain(process.pid);
  });
});
