import { toPlan } from '@hostler/config';
import { BusyPoll } from '@hostler/upstream';
import { describe, expect, it } from 'vitest';
import { busyPollOf } from './busy-poll-of.ts';
import type { WorkerParts } from './workers/worker-parts.ts';

const plan = toPlan({ servers: {} }, { source: '/hostler.yaml' });
const without = toPlan({ servers: {}, calls: { busyPoll: false } }, { source: '/hostler.yaml' });
const no = (): boolean => false;
const yes = (): boolean => true;

describe('busyPollOf', () => {
  it('is there by default', () => {
    expect(busyPollOf({ plan }, no)).toEqual({ busyPoll: expect.any(BusyPoll) });
    expect(busyPollOf({ plan, workers: 1 }, no)).toEqual({ busyPoll: expect.any(BusyPoll) });
  });

  it('is not where time is rationed, where there are workers, and where it is not wanted', () => {
    expect(busyPollOf({ plan }, yes)).toEqual({});
    expect(busyPollOf({ plan, workers: 2 }, no)).toEqual({});
    expect(busyPollOf({ plan, worker: {} as WorkerParts }, no)).toEqual({});
    expect(busyPollOf({ plan: without }, no)).toEqual({});
  });
});
