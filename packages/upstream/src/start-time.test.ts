import { Secret, secretErrors } from '@hostler/secrets';
import { DrivenClock, settle } from '@hostler/test-kit';
import { describe, expect, it } from 'vitest';
import { StartTime } from './start-time.ts';

const never = new AbortController().signal;

function make(limit: number) {
  const clock = new DrivenClock();
  const reads: PromiseWithResolvers<Secret>[] = [];
  const seen: number[] = [];
  const resolve = (): Promise<Secret> => {
    const read = Promise.withResolvers<Secret>();
    reads.push(read);
    return read.promise;
  };
  const secrets = { resolve, expire: () => undefined };
  const time = new StartTime({ clock, limit, secrets, onTimeUp: () => seen.push(clock.now()) });
  return { clock, reads, seen, time };
}

describe('the time of a start', () => {
  it('is up when it has passed', async () => {
    const { clock, seen } = make(1_000);
    await clock.pass(5_000);
    expect(seen).toEqual([1_000]);
  });

  it('stands still while secrets are read, one or several, whatever comes of them', async () => {
    const { clock, reads, seen, time } = make(1_000);
    await clock.pass(400);
    const both = Promise.allSettled([time.secrets.resolve('a://1', never), time.secrets.resolve('a://2', never)]);
    await clock.pass(60_000);
    reads[0]?.resolve(new Secret('value', { reference: 'a://1' }));
    await clock.pass(60_000);
    expect(seen).toEqual([]);
    reads[1]?.reject(secretErrors.UNAVAILABLE({ details: { reference: 'a://2' } }));
    await both;
    await clock.pass(599);
    expect(seen).toEqual([]);
    await clock.pass(1);
    expect(seen).toEqual([121_000]);
  });

  it('leaves no timer, not even for secrets that are read later', async () => {
    const { clock, reads, seen, time } = make(1_000);
    time.end();
    expect(clock.pending).toBe(0);
    const reading = time.secrets.resolve('a://1', never);
    reads[0]?.resolve(new Secret('value', { reference: 'a://1' }));
    await reading;
    await settle();
    expect(clock.pending).toBe(0);
    await clock.pass(5_000);
    expect(seen).toEqual([]);
  });
});
