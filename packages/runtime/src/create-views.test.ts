import { toPlan } from '@hostler/config';
import type { ConfigFile, HostPlan } from '@hostler/config';
import type { View } from '@hostler/kernel';
import { describe, expect, it } from 'vitest';
import { createViews } from './create-views.ts';

const servers = { one: { command: 'x' }, two: { command: 'x' } };
const planOf = (config: Partial<ConfigFile>): HostPlan => toPlan({ servers, ...config }, { source: '/hostler.yaml' });
const seenOf = (view: View | undefined, names: readonly string[]) =>
  view &&
  ['one', 'two'].flatMap((server) =>
    names.filter((name) => view.allows('tool', server, name)).map((name) => `${server}/${name}`),
  );

const NAMES = ['get', 'put'];

describe('a bundle', () => {
  const plan = planOf({
    consumers: {
      all: {},
      some: { deny: ['*/put'], bundles: ['first'] },
      none: { bundles: [] },
      mapped: { servers: { one: { allow: ['put'] }, two: {} }, allow: ['*/get'] },
    },
    bundles: { first: { servers: ['one'], title: 'First', instructions: 'Go.' }, second: {} },
  });
  const views = createViews(plan);
  const seen = (name: string, bundle: string) => seenOf(views.bundleOf({ name }, bundle)?.view, NAMES);

  it('shows what it and the consumer let through', () => {
    expect([seen('all', 'first'), seen('all', 'second')]).toEqual([
      ['one/get', 'one/put'],
      ['one/get', 'one/put', 'two/get', 'two/put'],
    ]);
    expect([seen('some', 'first'), seen('mapped', 'first')]).toEqual([['one/get'], ['one/put']]);
    expect(seenOf(views.of({ name: 'mapped' }), NAMES)).toEqual(['one/put', 'two/get']);
    expect(views.bundleOf({ name: 'all' }, 'first')).toMatchObject({ title: 'First', instructions: 'Go.' });
  });

  it('is none where it does not exist, is not the consumer’s, and for nobody', () => {
    const asked = [
      ['all', 'third'],
      ['some', 'second'],
      ['none', 'first'],
      ['gone', 'first'],
    ] as const;
    expect(asked.map(([name, bundle]) => seen(name, bundle))).toEqual([undefined, undefined, undefined, undefined]);
    expect(seen('hostler', 'first')).toEqual(['one/get', 'one/put']);
  });

  it('has the key of whatever lets the same through, and changes with the plan', () => {
    const keys = ['first', 'second'].map((bundle) => views.bundleOf({ name: 'some' }, bundle)?.view.key);
    const again = createViews(plan);
    expect([again.bundleOf({ name: 'some' }, 'first')?.view.key, undefined]).toEqual(keys);
    expect(again.bundleOf({ name: 'all' }, 'second')?.view.key).toBe('full');
    again.change(planOf({ bundles: { first: {} } }));
    expect(again.bundleOf({ name: 'some' }, 'first')).toBe(undefined);
    expect(seenOf(again.bundleOf({ name: 'anonymous' }, 'first')?.view, ['get'])).toEqual(['one/get', 'two/get']);
  });
});
