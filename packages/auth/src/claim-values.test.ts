import { describe, expect, it } from 'vitest';
import { claimValues } from './claim-values.ts';

const claims = JSON.parse(`{
  "sub": "ada", "email_verified": true, "level": 3, "empty": "", "nothing": null,
  "realm_access": { "roles": ["admin", "dev", 7, {"a": 1}, ["deep"]] },
  "https://example.com/roles": ["ops"],
  "a.b": { "c": "dotted" },
  "scope": "mcp:read  mcp:write", "scp": "User.Read", "note": "two words"
}`);

describe('the values of a claim', () => {
  it.each([
    ['sub', ['ada']],
    ['email_verified', ['true']],
    ['level', ['3']],
    ['realm_access.roles', ['admin', 'dev', '7']],
    ['https://example.com/roles', ['ops']],
    ['a.b.c', ['dotted']],
    ['scope', ['mcp:read', 'mcp:write']],
    ['scp', ['User.Read']],
    ['note', ['two words']],
    ['empty', []],
    ['nothing', []],
    ['realm_access', []],
    ['realm_access.roles.0', []],
    ['sub.length', []],
    ['constructor', []],
    ['__proto__.constructor', []],
    ['realm_access.', []],
    ['.sub', []],
    ['', []],
  ])('%s', (path, values) => {
    expect(claimValues(claims, path)).toEqual(values);
  });
});
