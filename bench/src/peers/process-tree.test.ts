import { describe, expect, it } from 'vitest';
import { isSame, processAt, residentMiB } from './process-tree.ts';

describe.runIf(process.platform === 'linux')('process-tree', () => {
  it('tells a process from a later one with its number', () => {
    const own = processAt(process.pid);
    if (own === undefined) throw new Error('this process is not there');
    expect(isSame(own)).toBe(true);
    expect(isSame({ ...own, started: `${Number(own.started) + 1}` })).toBe(false);
  });

  it('knows what has memory and what is not there', () => {
    expect(residentMiB([process.pid])).toBeGreaterThan(1);
    expect(residentMiB([2 ** 30])).toBeNaN();
    expect(processAt(2 ** 30)).toBeUndefined();
  });
});
