import { describe, expect, it } from 'vitest';
import { nearest } from './nearest.ts';

const KEYS = ['command', 'args', 'env', 'url', 'headers', 'timeout', 'startTimeout'];

describe('nearest', () => {
  it.each([
    ['comand', 'command'],
    ['commnad', 'command'],
    ['Headers', 'headers'],
    ['haeder', 'headers'],
    ['uri', 'url'],
    ['environment', 'env'],
    ['start', 'startTimeout'],
  ])('finds what %s was meant to be', (word, expected) => {
    expect(nearest(word, KEYS)).toBe(expected);
  });

  it.each(['zebra', 'x', '', 'e', 'arx9', 'k'.repeat(10_000)])('has no guess for %s', (word) => {
    expect(nearest(word, ['command', 'url', 'headers'])).toBeUndefined();
  });

  it('prefers the nearer of two', () => {
    expect(nearest('envs', ['envy', 'env', 'envs2'])).toBe('envy');
    expect(nearest('timeouts', KEYS)).toBe('timeout');
  });
});
