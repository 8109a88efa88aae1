import { expect, it } from 'vitest';
import { matchQuestions } from './question-match.ts';

/** Questions as lists of the calls they may belong to, calls as letters; `asked` are those with an open question. */
function match(questions: readonly string[], asked = ''): string {
  const matches = matchQuestions(
    questions.map((calls) => calls.split('')),
    (call) => asked.includes(call),
  );
  return questions.map((_, place) => matches.get(place) ?? '-').join('');
}

it.each([
  ['the only call in flight', ['a'], '', 'a'],
  ['the only call in flight, though it is asked already', ['a', 'a'], 'a', 'aa'],
  ['the only call that is not asked', ['ab'], 'a', 'b'],
  ['nobody yet while it may be either', ['ab'], '', '-'],
  ['nobody yet when all of several are asked', ['ab'], 'ab', '-'],
  ['each one, in order, when there are as many as calls', ['ab', 'ab'], '', 'ab'],
  ['in order, and the surplus waits', ['ab', 'ab', 'ab'], '', 'ab-'],
  ['nobody yet while there are fewer than calls', ['abc', 'abc'], '', '--'],
  ['in order among those that are not asked', ['abc', 'abc'], 'b', 'ac'],
  ['who is left when another question is sure of its call', ['ab', 'a'], '', 'ba'],
  ['nobody when no call is left', [''], '', '-'],
  ['calls that began later are not meant', ['ab', 'abc', 'abc'], '', 'abc'],
])('%s', (_, questions, asked, expected) => {
  expect(match(questions, asked)).toBe(expected);
});
