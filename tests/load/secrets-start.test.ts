import { expect, it } from 'vitest';
import { startWithSecrets } from './secrets-start.ts';

it.each(['gcp', 'aws'] as const)(
  'L-12 twenty servers with 60 secrets of %s start within ten seconds',
  async (backend) => {
    const report = await startWithSecrets({ backend, servers: 10, delay: 300 });
    console.info(`L-12 ${backend}: ${JSON.stringify(report)}`);
    expect(report).toMatchObject({ up: 20, references: 60, wrong: [] });
    expect(report.reads).toBeLessThanOrEqual(20);
    expect(report.mostAtOnce).toBeLessThanOrEqual(8);
    expect(report.ready).toBeLessThan(10_000);
  },
);
