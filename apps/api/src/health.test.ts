import { describe, expect, it } from 'vitest';
import type { Readiness } from '@hostler/runtime';
import { describeHealth, describeReadiness } from './health.ts';

type State = Readiness['servers'][number];

function state(name: string, status: State['status'], required = false): State {
  return {
    name,
    status,
    phase: 'closed',
    required,
    restarts: 3,
    problem: 'the program /opt/secret-place was not found',
    problemCode: 'X',
  };
}

function readiness(phase: Readiness['phase'], ready: boolean, ...servers: State[]): Readiness {
  const configuration = { generation: 2, problem: 'The configuration has problems: 1' };
  const rotations = [{ server: 'a', code: 'X', problem: 'refused by /opt/secret-place', since: new Date(0) }];
  const secrets = { stale: ['gcp://p/a'], failing: ['gcp://p/a', 'env://B'], rotations };
  return { phase, ready, servers, configuration, secrets };
}

describe('describeHealth', () => {
  it.each([
    ['ok', readiness('running', true, state('a', 'up'))],
    ['ok', readiness('running', true)],
    ['degraded', readiness('running', true, state('a', 'up'), state('b', 'down'))],
    ['degraded', readiness('running', false, state('a', 'blocked', true))],
    ['starting', readiness('starting', false, state('a', 'up'))],
    ['stopping', readiness('stopping', false, state('a', 'up'))],
  ])('is %s', (status, given) => {
    expect(describeHealth(given).status).toBe(status);
  });
});

describe('describeReadiness', () => {
  it('is ready while a server that is not required is down', () => {
    const report = describeReadiness(readiness('running', true, state('a', 'up', true), state('b', 'down')));
    expect(report).toMatchObject({ status: 'ready', waitingFor: [] });
  });

  it('says which configuration is in force, and why a newer one is not', () => {
    expect(describeReadiness(readiness('running', true)).configuration).toEqual({
      generation: 2,
      problem: 'The configuration has problems: 1',
    });
  });

  it('names the secrets that are not as they should be, which hold nothing back', () => {
    const report = describeReadiness(readiness('running', true));
    expect(report).toMatchObject({ status: 'ready', waitingFor: [] });
    expect(report.secrets).toEqual({
      stale: ['gcp://p/a'],
      failing: ['gcp://p/a', 'env://B'],
      rotations: [{ server: 'a', code: 'X', since: new Date(0) }],
    });
  });

  it('names the required servers that are not up', () => {
    const given = readiness('running', false, state('a', 'up', true), state('b', 'blocked', true), state('c', 'down'));
    expect(describeReadiness(given)).toMatchObject({ status: 'not ready', waitingFor: ['b'] });
  });

  it('names the servers that are still starting', () => {
    const given = readiness('starting', false, state('a', 'up'), state('b', 'starting'), state('c', 'down', true));
    expect(describeReadiness(given)).toMatchObject({ status: 'not ready', phase: 'starting', waitingFor: ['b', 'c'] });
  });

  it('waits for nothing while it stops', () => {
    const given = readiness('stopping', false, state('a', 'down', true));
    expect(describeReadiness(given)).toMatchObject({ status: 'not ready', phase: 'stopping', waitingFor: [] });
  });

  it('does not believe in readiness outside of the running phase', () => {
    expect(describeReadiness(readiness('stopping', true)).status).toBe('not ready');
  });

  it('says nothing of a server but its name and status', () => {
    const given = readiness('running', false, state('a', 'down', true));
    expect(describeReadiness(given).servers).toEqual([{ name: 'a', status: 'down' }]);
    expect(describeHealth(given).servers).toEqual([{ name: 'a', status: 'down' }]);
  });
});
