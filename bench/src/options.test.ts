import { describe, expect, it } from 'vitest';
import { GOALS } from './goals.ts';
import { isSameCell } from './cell.ts';
import { parseOptions } from './options.ts';

const parse = (text: string) => parseOptions(text === '' ? [] : text.split(' '));

describe('parseOptions', () => {
  it('measures a little of everything when nothing is asked for', () => {
    const { cells, targets } = parse('');
    expect(cells.map(({ upstream, inFlight }) => `${upstream} ${inFlight}`)).toEqual([
      'http 1',
      'http 32',
      'stdio 1',
      'stdio 32',
    ]);
    expect(targets.http).toEqual(['direct', 'nginx', 'byte proxy', 'off', 'deployed']);
    expect(targets.stdio).toEqual(['bare bridge', 'off', 'deployed']);
  });

  it('measures what was asked for, and the baseline', () => {
    const { cells, targets } = parse(
      '--target deployed --upstream sse --era modern --bytes 1,2 --in-flight 3 --rounds 4',
    );
    expect(cells).toEqual([
      { upstream: 'sse', era: 'modern', bytes: 1, inFlight: 3, rounds: 4, seconds: 0.4 },
      { upstream: 'sse', era: 'modern', bytes: 2, inFlight: 3, rounds: 4, seconds: 0.4 },
    ]);
    expect(targets.sse).toEqual(['byte proxy', 'deployed']);
    expect(parse('--target byte-proxy').targets.http).toEqual(['byte proxy']);
  });

  it.each(['--judge', '--full'])('measures with %s whatever has a goal', (option) => {
    const { cells, targets, isJudged } = parse(option);
    expect(isJudged).toBe(true);
    for (const goal of GOALS) {
      expect(cells.filter((cell) => isSameCell(cell, goal.cell))).toHaveLength(1);
      expect(targets[goal.cell.upstream]).toContain(goal.target);
    }
  });

  it('measures everything with --full, what has a goal with more rounds', () => {
    const { cells } = parse('--full');
    expect(cells).toHaveLength(3 * 2 * 3 * 3 + 1);
    expect(cells.map(({ rounds }) => rounds).filter((rounds) => rounds > 3)).toHaveLength(8);
  });

  it('puts the other version beside this one with --compare', () => {
    const { targets, compare } = parse('--compare main --target off');
    expect(compare).toBe('main');
    expect(targets.http).toEqual(['byte proxy', 'off', 'old off']);
    expect(parse('--compare main').targets.stdio).toEqual([
      'bare bridge',
      'off',
      'deployed',
      'old off',
      'old deployed',
    ]);
  });

  it.each([
    ['--smoke --full', '--full and --smoke are not for one run'],
    ['--judge --compare main', '--judge and --compare are not for one run'],
    ['--record', '--record is for --smoke'],
    ['--rounds none', '--rounds: a number above 0'],
    ['--bytes 0', '--bytes: whole numbers above 0'],
    ['--target fast', '--target: "fast" is none of direct, nginx, byte-proxy, bare-bridge, off, deployed'],
    ['--compare main --target nginx', '--target: "nginx" is none of off, deployed'],
    ['--fast', "Unknown option '--fast'"],
  ])('refuses %s', (text, message) => expect(() => parse(text)).toThrow(message));
});
