import { isJsonObject } from '@hostler/kernel';
import type { Json, JsonObject } from '@hostler/kernel';
import { describe, expect, it } from 'vitest';
import { configJsonSchema } from './json-schema.ts';
import { parseConfig } from './parse.ts';
import { configReference } from './reference.ts';

const FILE = '/etc/hostler/hostler.json';

/** Every place of the schema that holds a value and no further keys. */
function leavesOf(schema: JsonObject, path: string): string[] {
  const { properties, additionalProperties, items, anyOf } = schema;
  if (isJsonObject(properties)) {
    return Object.entries(properties).flatMap(([key, inner]) => {
      return leavesOf(inner as JsonObject, path === '' ? key : `${path}.${key}`);
    });
  }
  if (Array.isArray(anyOf)) {
    return (anyOf as JsonObject[])
      .flatMap((option) => leavesOf(option, path))
      .filter((leaf, index, all) => all.indexOf(leaf) === index);
  }
  if (isJsonObject(items)) return leavesOf(items, `${path}[]`);
  if (isJsonObject(additionalProperties) && Object.keys(additionalProperties).length > 0) {
    return leavesOf(additionalProperties, `${path}.*`);
  }
  return [path];
}

const LEAVES = leavesOf(configJsonSchema(), '');

/** The file each key is tried in: without it, and with it. */
const STDIO = { servers: { one: { command: 'x' } } };
const HTTP = { servers: { one: { url: 'http://x' } } };
const NONE = { servers: {} };
const PROVIDER = { servers: {}, secrets: { providers: [{ use: 'x' }] } };

const one = (settings: JsonObject): JsonObject => ({ servers: { one: settings } });
const env = (value: Json): JsonObject => one({ command: 'x', env: { A: value } });
const headers = (value: Json): JsonObject => one({ url: 'http://x', headers: { a: value } });
const SECRET = { secret: 'env://A' };

const CHANGES: Readonly<Record<string, readonly [without: JsonObject, withIt: JsonObject]>> = {
  'servers.*.command': [STDIO, one({ command: 'y' })],
  'servers.*.args[]': [STDIO, one({ command: 'x', args: ['y'] })],
  'servers.*.env.*': [STDIO, env('y')],
  'servers.*.env.*.secret': [env(SECRET), env({ secret: 'env://B' })],
  'servers.*.env.*.format': [env(SECRET), env({ ...SECRET, format: 'y{}' })],
  'servers.*.env.*.optional': [env(SECRET), env({ ...SECRET, optional: true })],
  'servers.*.cwd': [STDIO, one({ command: 'x', cwd: 'y' })],
  'servers.*.url': [HTTP, one({ url: 'http://y' })],
  'servers.*.headers.*': [HTTP, headers('y')],
  'servers.*.headers.*.secret': [headers(SECRET), headers({ secret: 'env://B' })],
  'servers.*.headers.*.format': [headers(SECRET), headers({ ...SECRET, format: 'y{}' })],
  'servers.*.headers.*.optional': [headers(SECRET), headers({ ...SECRET, optional: true })],
  'servers.*.era': [STDIO, one({ command: 'x', era: 'modern' })],
  'servers.*.interactive': [STDIO, one({ command: 'x', interactive: false })],
  'servers.*.required': [STDIO, one({ command: 'x', required: true })],
  'servers.*.startTimeout': [STDIO, one({ command: 'x', startTimeout: '7s' })],
  'servers.*.timeout': [STDIO, one({ command: 'x', timeout: '7s' })],
  'servers.*.disabled': [STDIO, one({ command: 'x', disabled: true })],
  'secrets.providers[].use': [PROVIDER, { servers: {}, secrets: { providers: [{ use: 'y' }] } }],
  'secrets.providers[].with': [PROVIDER, { servers: {}, secrets: { providers: [{ use: 'x', with: { y: 1 } }] } }],
  'listen.host': [NONE, { ...NONE, listen: { host: '0.0.0.0' } }],
  'listen.port': [NONE, { ...NONE, listen: { port: 9000 } }],
  'listen.allowedHosts[]': [NONE, { ...NONE, listen: { allowedHosts: ['y'] } }],
  'listen.allowedOrigins[]': [NONE, { ...NONE, listen: { allowedOrigins: ['https://y'] } }],
  'log.level': [NONE, { ...NONE, log: { level: 'error' } }],
  'shutdown.grace': [NONE, { ...NONE, shutdown: { grace: '7s' } }],
};

/** Keys that say nothing to the host: for editors, and a check on what the other keys already say. */
const SILENT = ['$schema', 'servers.*.type'];

describe('every key of the schema', () => {
  it('is in this test, and this test has no other', () => {
    expect(LEAVES.toSorted()).toEqual([...Object.keys(CHANGES), ...SILENT].toSorted());
  });

  it.each(Object.keys(CHANGES))('has a reader: %s changes the plan', (leaf) => {
    const [without, withIt] = (CHANGES[leaf] ?? []).map((config) => parseConfig(JSON.stringify(config), FILE).plan);
    expect(withIt).not.toEqual(without);
  });

  it('has a reader: a type that contradicts the other keys is refused', () => {
    expect(() => parseConfig(JSON.stringify(one({ command: 'x', type: 'http' })), FILE)).toThrow('problems: 1');
    expect(parseConfig(JSON.stringify(one({ command: 'x', type: 'stdio' })), FILE).plan).toEqual(
      parseConfig(JSON.stringify(STDIO), FILE).plan,
    );
  });

  it('is described in the JSON Schema', () => {
    const undescribed: string[] = [];
    const visit = (schema: JsonObject, path: string): void => {
      for (const [key, inner] of Object.entries((schema['properties'] ?? {}) as JsonObject)) {
        const { properties, description } = inner as JsonObject;
        if (properties === undefined && typeof description !== 'string') undescribed.push(`${path}${key}`);
      }
      for (const inner of Object.values(schema)) if (isJsonObject(inner)) visit(inner, path);
    };
    visit(configJsonSchema(), '');
    expect(undescribed).toEqual([]);
  });

  it('has its row in the reference', () => {
    const keys = configReference()
      .split('\n')
      .map((line) => /^\| `([^`]+)`/.exec(line)?.[1]);
    for (const leaf of LEAVES) {
      const key = leaf
        .replaceAll('.*', '.<name>')
        .replace(/\[\]$/, '')
        .replace(/\.<name>$/, '');
      expect(keys).toContain(key);
    }
  });
});

describe('configReference', () => {
  it('says type, default and meaning', () => {
    const rows = configReference().split('\n');
    expect(rows).toContain(
      '| `log.level` | `debug`, `info`, `warn`, `error` | `info` | Least severe log records to write. |',
    );
    expect(rows).toContain(
      '| `servers.<name>.timeout` | duration: `500ms`, `30s`, `2m`, or milliseconds | `60s` | Longest time of one call. |',
    );
  });
});
