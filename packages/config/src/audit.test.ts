import { describe, expect, it } from 'vitest';
import { FILE, problemsOf } from '../test/support/problems-of.ts';
import { parseConfig } from './parse.ts';

function file(...sinks: readonly string[]): string {
  return ['servers: { files: { command: a } }', 'audit:', '  sinks:', ...sinks.map((sink) => `    - ${sink}`), ''].join(
    '\n',
  );
}

describe('audit', () => {
  it('is a plan with what sinks do by themselves', () => {
    const { plan } = parseConfig(
      `${file('{ type: file, directory: audit }', '{ type: http, url: "https://x/logs", onFailure: { buffer: 9 } }')}  onFailure: open\n`,
      FILE,
    );
    expect(plan.audit).toEqual({
      sinks: [
        {
          type: 'file',
          directory: '/etc/hostler/audit',
          sync: 'interval',
          segmentBytes: 64 * 2 ** 20,
          segmentAge: 86_400_000,
          onFailure: 'open',
        },
        {
          type: 'http',
          url: 'https://x/logs',
          headers: {},
          format: 'lines',
          timeout: 10_000,
          onFailure: { buffer: 9 },
        },
      ],
      wait: 'side-effects',
      values: [],
    });
    expect(parseConfig('servers: {}\n', FILE).plan.audit).toBeUndefined();
    expect(parseConfig(file('{ type: stdout }'), FILE).plan.audit?.sinks).toEqual([
      { type: 'stdout', onFailure: 'closed' },
    ]);
  });

  it.each([
    ['a folder that is missing', ['{ type: file }'], 'missing key "directory"'],
    ['a URL that is missing', ['{ type: http }'], 'missing key "url"'],
    ['a key of another kind', ['{ type: stdout, directory: x }'], 'means nothing for a sink of type stdout'],
    [
      'a key of another kind',
      ['{ type: file, directory: x, url: "https://x" }'],
      'means nothing for a sink of type file',
    ],
    ['plain HTTP', ['{ type: http, url: "http://logs.example.com" }'], 'must be an https:// URL'],
    [
      'two folders',
      ['{ type: file, directory: x }', '{ type: file, directory: y }'],
      'there can be one sink of type file',
    ],
    ['one place twice', ['{ type: stdout }', '{ type: stdout }'], 'writes where sink 1 writes'],
    ['an unknown type', ['{ type: syslog }'], 'expected "file" or "stdout" or "http"'],
    ['a size without a unit', ['{ type: file, directory: x, segmentSize: 64 }'], 'a size such as 64MiB or 1GiB'],
    ['a segment that is too small', ['{ type: file, directory: x, segmentSize: 1KiB }'], 'from 64KiB to 16GiB'],
    ['an unknown way to fail', ['{ type: stdout, onFailure: ignore }'], 'onFailure'],
    [
      'a vault that is not there',
      ['{ type: http, url: "https://x", headers: { a: { secret: "local://x" } } }'],
      'secrets.local',
    ],
    [
      'a secret of each caller, where there is none',
      ['{ type: http, url: "https://x", headers: { a: { secret: "env://T_{sub}" } } }'],
      'only a secret in env or headers can be each caller’s own',
    ],
  ])('refuses %s', (_what, sinks, problem) => {
    expect(problemsOf(file(...sinks)).join('\n')).toContain(problem);
  });

  it('refuses values without a pattern, and has to have a sink', () => {
    expect(problemsOf(`${file('{ type: stdout }')}  values: [files]\n`).join('\n')).toContain('must be a pattern');
    expect(problemsOf('servers: {}\naudit: { sinks: [] }\n').join('\n')).toContain('at least one sink');
  });

  it('tells of secrets in clear', () => {
    const { notes } = parseConfig(
      file('{ type: http, url: "https://x", headers: { authorization: "Bearer abcdefgh" } }'),
      FILE,
    );
    expect(notes.map(({ message }) => message).join('\n')).toContain('this looks like a secret, written in clear');
  });
});
