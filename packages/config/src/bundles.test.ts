import { describe, expect, it } from 'vitest';
import { FILE, problemsOf } from '../test/support/problems-of.ts';
import { parseConfig } from './parse.ts';

const HEAD =
  'servers: { github: { command: a }, files: { command: a }, spare: { command: a } }\ngroups: { team: { servers: [spare] } }\n';

function problemsWith(text: string): string[] {
  return problemsOf(HEAD + text);
}

function notesOf(text: string): string[] {
  return parseConfig(HEAD + text, FILE).notes.map(({ path, message }) => `${path}: ${message}`);
}

const OWN = 'must be a pattern such as tool:create_*, prompt:summarize or resource:file:///data/**';
const NAME = 'a bundle name has 1 to 32 letters, digits, - or single _, and begins and ends with a letter or digit';

describe('bundles and what is said of single servers', () => {
  it('are in the plan', () => {
    const { plan } = parseConfig(
      `${HEAD}
bundles:
  review: { title: Review, instructions: Read first., servers: { github: { allow: ["tool:get_*"] } }, deny: ["*/x"] }
  all: {}
consumers:
  ci: { bundles: [review], servers: { files: {}, github: { deny: ["tool:delete_*"] } } }
`,
      FILE,
    );
    expect(plan.bundles).toEqual([
      {
        name: 'review',
        title: 'Review',
        instructions: 'Read first.',
        servers: ['github'],
        allow: ['tool:github/get_*'],
        deny: ['*/x'],
      },
      { name: 'all' },
    ]);
    expect(plan.consumers).toMatchObject([
      { name: 'ci', bundles: ['review'], servers: ['files', 'github'], deny: ['tool:github/delete_*'] },
    ]);
  });

  it.each([
    [
      'names that are not there',
      'bundles: { a: { servers: [githb, team] }, b: { servers: { zebra: {} }, allow: ["tool:fils/x"] } }\nconsumers: { ci: { bundles: [a, B, zebra] } }',
      [
        '3:27 bundles.a.servers[0]: there is no server or group "githb" (did you mean "github"?)',
        '3:59 bundles.b.servers.zebra: there is no server or group "zebra" (name a server or a group of this file)',
        '3:80 bundles.b.allow[0]: there is no server or group "fils" (did you mean "files"?)',
        '4:33 consumers.ci.bundles[1]: there is no bundle "B" (did you mean "b"?)',
        '4:36 consumers.ci.bundles[2]: there is no bundle "zebra" (bundles has the known ones, by name)',
      ],
    ],
    [
      'what cannot be',
      'bundles: { a__b: {}, b: [github], c: { title: "", prompt: x }, d: { servers: 5 }, e: { servers: [5, "a b"] } }',
      [
        '3:51 bundles.c.prompt: unknown key (known keys: title, instructions, servers, allow, deny)',
        `3:12 bundles.a__b: ${NAME}`,
        '3:22 bundles.b: expected a map with servers, allow, deny and instructions, found a list',
        '3:47 bundles.c.title: must not be empty',
        '3:78 bundles.d.servers: expected a list of server names, or a map of them with allow and deny, found a number',
        '3:98 bundles.e.servers[0]: expected text, found a number (put it in quotes)',
        '3:101 bundles.e.servers[1]: a server name has 1 to 32 letters, digits, - or single _, and begins and ends with a letter or digit',
      ],
    ],
    [
      'rules of single servers that cannot be',
      'consumers: { ci: { servers: { github: { allow: ["tool:", 5], only: [] }, files: [x], team: { deny: x } } } }',
      [
        '3:62 consumers.ci.servers.github.only: unknown key (known keys: allow, deny)',
        '3:74 consumers.ci.servers.files: expected a map with allow and deny, found a list',
        `3:49 consumers.ci.servers.github.allow[0]: ${OWN}`,
        '3:58 consumers.ci.servers.github.allow[1]: expected text, found a number (put it in quotes)',
        '3:100 consumers.ci.servers.team.deny: expected a list of patterns, found text',
      ],
    ],
  ])('are refused with the lines: %s', (_, text, expected) => {
    expect(problemsWith(text).toSorted()).toEqual(expected.toSorted());
  });

  it('are noted where they do less than they seem to', () => {
    expect(
      notesOf(
        'bundles: { a: { servers: { spare: {}, github: { allow: ["tool:github/x", github__y, githubz], deny: [x] } }, deny: ["tool:x*/y", "tool:files/z"] } }',
      ),
    ).toEqual([
      'bundles.a.servers.spare: is a member of group "team", which stands in its place at /mcp',
      'bundles.a.servers.github.allow[0]: begins with the name of its server',
      'bundles.a.servers.github.allow[1]: begins with the name of its server',
      'bundles.a.deny[0]: fits no server of this file',
      'bundles.a.deny[1]: has no effect: servers leaves out every server that it fits',
    ]);
  });
});
