import * as v from 'valibot';
import { serverName } from './server.ts';

const PATTERN = /^(?:(?:tool|prompt|resource):)?[A-Za-z0-9_*?-]+\/[^\0]+$/;
const PATTERN_WORDS = 'must be a pattern such as tool:github/create_*, prompt:*/summarize or github/**';

/** Of one server: without its name in front. */
const OWN_PATTERN = /^(?!(?:tool|prompt|resource):$)[^\0]+$/;
const OWN_PATTERN_WORDS = 'must be a pattern such as tool:create_*, prompt:summarize or resource:file:///data/**';

function patterns(meaning: string, [form, words]: readonly [form: RegExp, words: string] = [PATTERN, PATTERN_WORDS]) {
  return v.pipe(v.array(v.pipe(v.string('text'), v.regex(form, words)), 'a list of patterns'), v.description(meaning));
}

/** What is said of one server alone. */
const serverRules = v.strictObject(
  {
    allow: v.exactOptional(
      patterns(
        'What of this server, in the place of the other `allow`: `tool:`, `prompt:` or `resource:` (or nothing, for every kind) and a name, with `*`, `**` and `?`. An empty list: nothing of it.',
        [OWN_PATTERN, OWN_PATTERN_WORDS],
      ),
    ),
    deny: v.exactOptional(
      patterns('What of this server not, beside the other `deny`; written as its `allow`.', [
        OWN_PATTERN,
        OWN_PATTERN_WORDS,
      ]),
    ),
  },
  'a map with allow and deny',
);

/** What is seen: the same three keys for a consumer and for a bundle. */
export const viewEntries = {
  servers: v.exactOptional(
    v.pipe(
      v.union(
        [
          v.array(serverName, 'a list of server names'),
          v.record(serverName, serverRules, 'a map of servers with allow and deny'),
        ],
        'a list of server names, or a map of them with allow and deny',
      ),
      v.description(
        'Servers and groups, by name; as a map with what is said of each alone. Absent: all of them; an empty list: none.',
      ),
    ),
  ),
  allow: v.exactOptional(
    patterns(
      'What of those servers is seen and used: `tool:`, `prompt:` or `resource:` (or nothing, for every kind), a server, `/` and a name. `*` stops at `/` and `__`, `**` does not, `?` is one character. Absent: everything; an empty list: nothing.',
    ),
  ),
  deny: v.exactOptional(patterns('What is not, whatever `allow` says; written as `allow`.')),
};
