import type { JsonObject } from '@hostler/kernel';
import { describe, expect, it } from 'vitest';
import { FakeConnection } from '../test/support/fake-pool.ts';
import { settled } from '../test/support/subscribable-pool.ts';
import { createLogLevels } from './log-levels.ts';

function start() {
  const answers: PromiseWithResolvers<JsonObject>[] = [];
  const connection = new FakeConnection({ logging: {} }, () => {
    const answer = Promise.withResolvers<JsonObject>();
    answers.push(answer);
    return answer.promise;
  });
  const levels = createLogLevels();
  const ensure = async (level: string, signal = new AbortController().signal): Promise<string> => {
    try {
      await levels.ensure(connection, 'a', level, signal);
      return level;
    } catch (error) {
      return (error as Error).message;
    }
  };
  const set = (): unknown[] => connection.asked.map(({ request }) => request.params['level']);
  return { answers, ensure, set };
}

describe('the log level of a shared connection', () => {
  it('is set when somebody asks for a lower one, and each waits until theirs is in force', async () => {
    const { answers, ensure, set } = start();
    const done: string[] = [];
    for (const level of ['warning', 'error', 'info']) void ensure(level).then((result) => done.push(result));
    await settled();
    expect([set(), done]).toEqual([['warning', 'info'], []]);
    answers[1]?.resolve({});
    await settled();
    expect(done).toEqual(['info']);
    answers[0]?.resolve({});
    await settled();
    expect(done).toEqual(['info', 'warning', 'error']);
    await ensure('error');
    expect(set()).toHaveLength(2);
  });

  it('is set for the others although the one who asked first is gone, and again after it failed', async () => {
    const { answers, ensure, set } = start();
    const controller = new AbortController();
    const first = ensure('info', controller.signal);
    await settled();
    const second = ensure('info');
    controller.abort(new Error('gone'));
    expect(await first).toBe('gone');
    const late = ensure('info');
    answers[0]?.reject(new Error('broken'));
    expect(await Promise.all([second, late])).toEqual(['broken', 'broken']);
    const third = ensure('info');
    answers[1]?.resolve({});
    expect(await third).toBe('info');
    expect(set()).toEqual(['info', 'info']);
  });
});
