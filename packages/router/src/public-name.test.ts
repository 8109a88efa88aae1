import { describe, expect, it } from 'vitest';
import { publicName } from './public-name.ts';

/** Numbers that look random and are the same in every run. */
function createRandom(seed: number): (bound: number) => number {
  let state = seed;
  return (bound) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return (state >>> 8) % bound;
  };
}

describe('publicName', () => {
  // Literals: prompts and rules of other people hold these names, so they must never shift.
  it.each([
    ['github', 'search', 'github__search'],
    ['a', 'b', 'a__b'],
    ['git-hub_2', 'create_issue', 'git-hub_2__create_issue'],
    ['a', 'with.dot-and_line', 'a__with.dot-and_line'],
    ['a', 'x__y', 'a__x__y'],
    ['a', '_x', 'a___x'],
    ['a', '__x__', 'a____x__'],
    ['github', 'x'.repeat(56), `github__${'x'.repeat(56)}`],
    ['github', 'x'.repeat(57), `github__${'x'.repeat(47)}_6210cc4c`],
    ['github', 'x'.repeat(128), `github__${'x'.repeat(47)}_fe5ce605`],
    ['s'.repeat(32), 'y'.repeat(128), `${'s'.repeat(32)}__${'y'.repeat(21)}_32ae75e0`],
    ['a', '', 'a___ffe9aaea'],
    ['a', 'with space', 'a__with_space_bdc51efb'],
    ['a', 'süß', 'a__s___9ae14f0a'],
    ['a', '日本語', 'a______1972b6b9'],
    ['a', '🦊', 'a_____c8bcac40'],
    ['a', 'path/to', 'a__path_to_748d08d5'],
  ])('of %s and %j is %s', (server, name, expected) => {
    expect(publicName(server, name)).toBe(expected);
    expect(publicName(server, name)).toBe(expected);
  });

  it('is at most 64 characters of those that tool names may have, and begins with the server', () => {
    const random = createRandom(1);
    for (let round = 0; round < 5000; round++) {
      const server = `s${'abc-'[random(4)]}${random(100)}`;
      const name = Array.from({ length: random(130) }, () => String.fromCodePoint(random(0xd7ff))).join('');
      expect(publicName(server, name)).toMatch(/^[A-Za-z0-9_.-]{1,64}$/);
      expect(publicName(server, name).split('__')[0]).toBe(server);
    }
  });

  it('keeps apart what differs only in what is cut or cleaned', () => {
    const names = ['a b', 'a_b', 'a/b', 'a:b', 'ä', 'ö', 'x'.repeat(100), 'x'.repeat(101), `${'x'.repeat(100)}y`];
    expect(new Set(names.map((name) => publicName('s', name))).size).toBe(names.length);
  });

  it('never gives tools of two servers the same name', () => {
    const random = createRandom(2);
    const servers = ['a', 'a-b', 'a_b', 'a-_b', 'ab', 'A', 'b', 'a_b_c', '0', 's'.repeat(32)];
    const pieces = ['_', '__', 'a', 'b', 'a_b', '-', '.', ' ', 'é', 'x'.repeat(40)];
    const owners = new Map<string, string>();
    for (let round = 0; round < 20_000; round++) {
      const server = servers[random(servers.length)] as string;
      const name = Array.from({ length: 1 + random(5) }, () => pieces[random(pieces.length)]).join('');
      const owner = owners.get(publicName(server, name)) ?? server;
      expect(owner).toBe(server);
      owners.set(publicName(server, name), server);
    }
  });
});
