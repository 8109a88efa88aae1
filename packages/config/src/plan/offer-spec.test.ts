import { describe, expect, it } from 'vitest';
import { parseConfig } from '../parse.ts';

function planOf(settings: object, more: object = {}) {
  const config = { servers: { one: { command: 'x', ...settings } }, ...more };
  return parseConfig(JSON.stringify(config), '/etc/hostler/hostler.json').plan;
}

describe('what of a server is offered', () => {
  it('is absent when nothing is said of it, so that the server is left as it is', () => {
    for (const settings of [{}, { exclude: [] }, { tools: {}, prompts: {} }]) {
      expect(planOf(settings).servers[0]).not.toHaveProperty('offer');
    }
  });

  it('is what was written, frozen', () => {
    const settings = {
      include: ['tool:*', 'prompt:a'],
      exclude: ['push'],
      tools: { pull: { name: 'fetch', annotations: { readOnlyHint: true }, arguments: { force: { pin: null } } } },
      prompts: { a: { arguments: { who: { default: 'me' } } } },
    };
    const { offer } = planOf(settings).servers[0] ?? {};
    expect(offer).toEqual(settings);
    expect(Object.isFrozen(offer?.tools?.['pull']?.arguments)).toBe(true);
  });

  it('is nothing when an empty include says so', () => {
    expect(planOf({ include: [] }).servers[0]?.offer).toEqual({ include: [] });
  });
});

describe('the state directory', () => {
  it('is absolute, from the folder of the file', () => {
    expect(planOf({}, { state: { directory: '../state' } }).stateDirectory).toBe('/etc/state');
    expect(planOf({})).not.toHaveProperty('stateDirectory');
  });
});
