import { expect, it } from 'vitest';
import { answerFlag } from './answer-flag.ts';

it.each([['--help'], ['-h']])('%s is answered with what the program takes', (flag) => {
  expect(answerFlag([flag])).toMatch(/^Usage: hostler-api \[config\]/);
});

it.each([['--version'], ['-V']])('%s is answered with a version', (flag) => {
  expect(answerFlag([flag])).toMatch(/^\d+\.\d+\.\d+\S*\n$/);
});

it.each([[[]], [['hostler.yaml']], [['--workers', '2']], [['hostler.yaml', '--help']]])(
  '%j is for the server to answer',
  (given) => {
    expect(answerFlag(given)).toBeUndefined();
  },
);
