import { expect, it } from 'vitest';
import { untilAborted } from './until-aborted.ts';

const never = new Promise<never>(() => undefined);

it('ends a wait with the reason of the signal, aborted before or during it', async () => {
  const reason = new Error('gone');
  await expect(untilAborted(AbortSignal.abort(reason), never)).rejects.toBe(reason);
  const controller = new AbortController();
  const waiting = untilAborted(controller.signal, never);
  controller.abort(reason);
  await expect(waiting).rejects.toBe(reason);
});

it('ends with the work, whichever way', async () => {
  const { signal } = new AbortController();
  await expect(untilAborted(signal, Promise.resolve('done'))).resolves.toBe('done');
  await expect(untilAborted(signal, Promise.reject(new Error('failed')))).rejects.toThrow('failed');
});
