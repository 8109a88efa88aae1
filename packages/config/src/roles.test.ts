import { describe, expect, it } from 'vitest';
import { FILE, problemsOf } from '../test/support/problems-of.ts';
import { configJsonSchema } from './json-schema.ts';
import { parseConfig } from './parse.ts';
import { permissions } from './permission.ts';
import { diffPlans } from './plan/diff-plans.ts';
import type { HostPlan } from './plan/host-plan.ts';

function file(...lines: readonly string[]): string {
  return ['servers: { one: { command: a } }', ...lines, ''].join('\n');
}

function planOf(...lines: readonly string[]): HostPlan {
  return parseConfig(file(...lines), FILE).plan;
}

function problemsWith(...lines: readonly string[]): string[] {
  return problemsOf(file(...lines));
}

function permissionsOf(...lines: readonly string[]): readonly string[] | undefined {
  return planOf(...lines).consumers?.[0]?.permissions;
}

const READ = ['about:read', 'health:read', 'metrics:read', 'servers:read', 'log:read', 'secrets:read', 'grants:read'];

describe('roles in a plan', () => {
  it('allow what they name, looked up once', () => {
    expect(permissionsOf('consumers: { a: { roles: [viewer] } }')).toEqual(READ);
    expect(permissionsOf('consumers: { a: { roles: [operator] } }')?.toSorted()).toEqual(
      [
        ...READ,
        'servers:restart',
        'servers:enable',
        'servers:disable',
        'config:reload',
        'secrets:rotate',
        'log:write',
        'grants:revoke',
      ].toSorted(),
    );
    expect(permissionsOf('consumers: { a: { roles: [admin] } }')).toEqual(permissions);
  });

  it('of your own have permissions and patterns, and add up', () => {
    const own = 'roles: { a-team: ["secrets:*", "metrics:read"], hands: ["servers:restart"], none: [] }';
    const allowed = (roles: string) => permissionsOf(own, `consumers: { a: { roles: ${roles} } }`);
    expect(allowed('[a-team]')).toEqual(['metrics:read', 'secrets:read', 'secrets:rotate']);
    expect(allowed('[hands, a-team, hands]')).toEqual([
      'metrics:read',
      'servers:restart',
      'secrets:read',
      'secrets:rotate',
    ]);
    expect(allowed('[none]')).toEqual([]);
  });

  it('are nothing where a consumer has none', () => {
    for (const settings of ['{}', '{ roles: [] }']) {
      expect(planOf(`consumers: { a: ${settings} }`).consumers).toEqual([{ name: 'a', keys: [], tokens: [] }]);
    }
  });

  it('are in force at once, also where only their own words change', () => {
    const one = planOf('roles: { mine: ["servers:read"] }', 'consumers: { a: { roles: [mine] } }');
    const other = planOf('roles: { mine: ["servers:*"] }', 'consumers: { a: { roles: [mine] } }');
    const none = planOf('roles: { mine: ["servers:*"] }', 'consumers: { a: {} }');
    const change = [{ key: 'consumers', applies: 'now' }];
    expect([diffPlans(one, other).settings, diffPlans(other, none).settings]).toEqual([change, change]);
  });
});

const NAME = 'a role name has 1 to 32 letters, digits, - or single _, and begins and ends with a letter or digit';
const PATTERN = 'must be a permission such as servers:read, or a pattern such as servers:* or *:read';
const BUILT_IN = 'is the name of a built-in role (choose another name; consumers can have it as it is)';
/** Put together here, so that no scanner takes this file for a leak. */
const KEY = `hk_${'a1'.repeat(4)}_${'a1-'.repeat(14)}a_${'0a'.repeat(4)}`;

describe('roles that cannot be', () => {
  it.each<[name: string, lines: readonly string[], ...expected: string[]]>([
    [
      'roles that are not there',
      ['roles: { mine: ["servers:read"] }', 'consumers: { a: { roles: [operater, miene, Admin, zebra, a__b] } }'],
      `3:58 consumers.a.roles[4]: ${NAME}`,
    ],
    [
      'roles that are not there, by names that could be',
      ['roles: { mine: ["servers:read"] }', 'consumers: { a: { roles: [operater, miene, Admin, zebra] } }'],
      '3:27 consumers.a.roles[0]: there is no role "operater" (did you mean "operator"?)',
      '3:37 consumers.a.roles[1]: there is no role "miene" (did you mean "mine"?)',
      '3:44 consumers.a.roles[2]: there is no role "Admin" (did you mean "admin"?)',
      '3:51 consumers.a.roles[3]: there is no role "zebra" (there are viewer, operator, admin, mine)',
    ],
    [
      'names that are taken, or can be none',
      ['roles:', '  admin: []', '  Viewer: []', '  a__b: []', '  constructor: []'],
      `3:3 roles.admin: ${BUILT_IN}`,
      `4:3 roles.Viewer: ${BUILT_IN}`,
      `5:3 roles.a__b: ${NAME}`,
      '6:3 roles.constructor: this name is reserved',
    ],
    [
      'permissions that are not there',
      ['roles: { mine: ["servers:raed", "servrs:*", "*:read", servers, "a:b:c", "servers:"] }'],
      ...['55', '64', '73'].map((column, index) => `2:${column} roles.mine[${index + 3}]: ${PATTERN}`),
    ],
    [
      'permissions that fit nothing',
      ['roles: { mine: ["servers:raed", "servrs:*", "*:read"] }'],
      '2:17 roles.mine[0]: there is no permission "servers:raed" (did you mean "servers:read"?)',
      `2:33 roles.mine[1]: there is no permission "servrs:*" (there are ${permissions.join(', ')})`,
    ],
    [
      'lists that are none',
      ['roles: { mine: viewer }', 'consumers: { a: { roles: viewer } }'],
      '2:16 roles.mine: expected a list of permissions, found text',
      '3:26 consumers.a.roles: expected a list of role names, found text',
    ],
    [
      'a role that is broken itself, which is there all the same',
      ['roles: { mine: viewer }', 'consumers: { a: { roles: [mine] } }'],
      '2:16 roles.mine: expected a list of permissions, found text',
    ],
  ])('are told of with the line and the mend: %s', (_, lines, ...expected) => {
    expect(problemsWith(...lines)).toEqual(expected);
  });

  it('never repeat a key that stands in their place', () => {
    const found = problemsWith(`roles: { mine: ["${KEY}"] }`, `consumers: { a: { roles: ["${KEY}"] } }`);
    expect(found).not.toEqual([]);
    expect(found.join('\n')).not.toContain(KEY.slice(0, 8));
  });
});

it('a role that no consumer has is noted', () => {
  const { notes } = parseConfig(file('roles: { mine: ["servers:read"] }', 'consumers: {}'), FILE);
  expect(notes.map(({ path, message }) => `${path}: ${message}`)).toContain('roles.mine: no consumer has this role');
});

it('the JSON Schema has them, with every permission', () => {
  const text = JSON.stringify(configJsonSchema());
  expect(permissions.filter((permission) => !text.includes(permission))).toEqual([]);
});
