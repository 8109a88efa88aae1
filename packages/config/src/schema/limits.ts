import * as v from 'valibot';
import { CALL_RATE_PATTERN } from '../call-rate.ts';
import { neededSecret } from './setting.ts';
import { pathText, text, wholeNumber } from './values.ts';

const RATE_WORDS = 'must be a rate such as 10/s, 600/min or 5000/h, from 1 to 9999999';

function rateText() {
  return v.pipe(v.string('a rate such as 600/min'), v.regex(CALL_RATE_PATTERN, RATE_WORDS));
}

/** A rate of requests; `meaning` says of which. */
export function rate(meaning: string) {
  return v.pipe(
    rateText(),
    v.description(
      `${meaning}: \`10/s\`, \`600/min\`, \`5000/h\`. At once may come what 5 seconds of it are worth, at least 10, but never more than the number itself. Any further one is refused with the time to wait. Absent: no limit.`,
    ),
  );
}

export function toolRates(pattern: RegExp, words: string, meaning: string) {
  return v.pipe(
    v.record(v.pipe(v.string(), v.regex(pattern, words)), rateText(), 'a map of rates by pattern'),
    v.description(meaning),
  );
}

export const consumerLimits = v.strictObject(
  {
    calls: v.exactOptional(rate('Requests in a time')),
    tools: v.exactOptional(
      toolRates(
        /^[A-Za-z0-9_*?-]+\/[^\0]+$/,
        'must be a pattern such as github/create_* or */delete_*',
        'Calls of certain tools in a time, beside `calls`: by server, `/` and name, with `*`, `**` and `?` as in `allow`. All tools that a pattern fits have its rate together.',
      ),
    ),
    concurrent: v.exactOptional(
      wholeNumber(
        [1, 100_000],
        'Requests that run at the same time; any further one is refused, or waits where `waiting` lets it. Absent: as many as come.',
      ),
    ),
    waiting: v.exactOptional(
      wholeNumber(
        [0, 10_000],
        'Requests above `concurrent` that wait for a place in the order in which they came, at most 10 seconds. Absent: none.',
      ),
    ),
    streams: v.exactOptional(
      wholeNumber([1, 100_000], 'Streams that stay open at a time, over all its clients. Default: `64`.'),
    ),
    sessions: v.exactOptional(
      wholeNumber(
        [1, 10_000],
        'Sessions of its clients at a time, of revisions that have sessions. A new one takes the place of the longest idle one. Default: `1000`.',
      ),
    ),
    subscriptions: v.exactOptional(
      wholeNumber([0, 100_000], 'Resources that one of its sessions may subscribe to. Default: `1000`.'),
    ),
  },
  'a map with calls, tools, concurrent, waiting, streams, sessions and subscriptions',
);

const redis = v.strictObject(
  {
    url: v.exactOptional(
      v.pipe(
        v.string('text'),
        v.regex(
          /^rediss?:\/\/(?:\[[0-9A-Fa-f:.]+\]|[^\s/@:?#[\]]+)(?::\d{1,5})?(?:\/\d{1,5})?$/,
          'must be redis://host:port or, with TLS, rediss://host:port, with /number for another database; user and password have keys of their own',
        ),
        v.description(
          'Where Redis or Valkey is: `redis://host:port`, with TLS `rediss://host:port`. Either this or `socket`.',
        ),
      ),
    ),
    socket: v.exactOptional(
      v.pipe(pathText(), v.description('Its unix socket instead, relative to this file’s folder.')),
    ),
    user: v.exactOptional(v.pipe(text(), v.description('Its user, where it has users; `password` stands beside it.'))),
    password: v.exactOptional(v.pipe(neededSecret('[^\\0]'), v.description('Its password: a secret.'))),
    prefix: v.exactOptional(
      v.pipe(
        v.string('text'),
        v.regex(/^[\w:.-]{1,64}$/, 'must be 1 to 64 letters, digits or _ : . -'),
        v.description(
          'Before every key there. Hosts with the same prefix count together; those of another group need another one.',
        ),
      ),
      'hostler:',
    ),
  },
  'a map with url or socket',
);

const store = v.strictObject(
  {
    redis: v.pipe(redis, v.description('Redis or Valkey, which several hosts count in together.')),
    whenAway: v.exactOptional(
      v.pipe(
        v.picklist(['local', 'refuse']),
        v.description(
          'While it is away: every host counts for itself, with the same limits (`local`), or refuses what has a limit (`refuse`).',
        ),
      ),
      'local',
    ),
  },
  'a map with redis',
);

/** What is limited whoever asks, and where is counted. */
export const hostLimits = v.strictObject(
  {
    addresses: v.exactOptional(
      v.pipe(
        v.union([v.literal('off'), rateText()], 'a rate such as 100/s, or off'),
        v.description(
          'Requests of one client address in a time, before anything of them is looked at: `100/s`, or `off`. An IPv6 address stands for its /56; a refused key or token counts as 20. Default: `1000/s` where other machines can reach Hostler, otherwise `off`.',
        ),
      ),
    ),
    store: v.exactOptional(
      v.pipe(store, v.description('Where several hosts count together. Absent: each for itself, in memory.')),
    ),
  },
  'a map with addresses and store',
);
