/**
 * Which of the questions that name no call belong to which call. A question may belong to any of the calls that were in
 * flight when it came and still are:
 *
 * - one such call: it is that;
 * - several, one of them without an open question: it is that;
 * - several without one: the question waits, until one of the calls ends or is asked; when as many questions wait as there
 *   are such calls, each call gets one, in order.
 * @param waiting for each question, in the order they came, the calls that it may belong to, oldest first
 * @returns the call of each question that need not wait any longer, by the place of the question
 */
export function matchQuestions<Call>(
  waiting: readonly (readonly Call[])[],
  isAsked: (call: Call) => boolean,
): ReadonlyMap<number, Call> {
  const matches = new Map<number, Call>();
  const taken = new Set<Call>();
  const candidates = (calls: readonly Call[]): readonly Call[] =>
    calls.length === 1 ? calls : calls.filter((call) => !isAsked(call) && !taken.has(call));
  const matchFirst = (isEnough: (candidates: number) => boolean): boolean => {
    for (const [place, calls] of waiting.entries()) {
      const [first, ...others] = matches.has(place) ? [] : candidates(calls);
      if (first === undefined || !isEnough(1 + others.length)) continue;
      matches.set(place, first);
      taken.add(first);
      return true;
    }
    return false;
  };
  const isSure = (count: number): boolean => count === 1;
  const isEven = (count: number): boolean => waiting.length - matches.size >= count;
  while (matchFirst(isSure) || matchFirst(isEven));
  return matches;
}
