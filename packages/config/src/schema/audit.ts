import * as v from 'valibot';
import { BYTE_SIZE_PATTERN, toBytes } from '../byte-size.ts';
import { hostHeaders, reference } from './setting.ts';
import { duration, longDuration, pathText, text, wholeNumber } from './values.ts';

const SIZE_WORDS = 'a size such as 64MiB or 1GiB';
const LEAST_SEGMENT = 2 ** 16;
const MOST_SEGMENT = 2 ** 34;

const FAILURE_WORDS = 'closed, open or { buffer: … }';

function failure(meaning: string) {
  return v.pipe(
    v.union(
      [
        v.picklist(['closed', 'open'], FAILURE_WORDS),
        v.strictObject(
          {
            buffer: wholeNumber(
              [1, 1_000_000],
              'Records that are kept in memory while a sink fails; then calls are refused.',
            ),
          },
          'a map with buffer',
        ),
      ],
      FAILURE_WORDS,
    ),
    v.description(meaning),
  );
}

const sink = v.strictObject(
  {
    type: v.pipe(
      v.picklist(['file', 'stdout', 'http']),
      v.description(
        'Where records go: files of a folder (`file`), standard output (`stdout`) or another host (`http`).',
      ),
    ),
    directory: v.exactOptional(
      v.pipe(
        pathText(),
        v.description(
          'Of `file`: the folder of the segments, relative to this file’s folder. Only this user may read it.',
        ),
      ),
    ),
    sync: v.exactOptional(
      v.pipe(
        v.picklist(['always', 'interval', 'never']),
        v.description(
          'Of `file`: when records are forced to the disk, past the memory of the machine: with every write, once a second, or when the system likes. Default: `interval`.',
        ),
      ),
    ),
    segmentSize: v.exactOptional(
      v.pipe(
        v.string(SIZE_WORDS),
        v.regex(BYTE_SIZE_PATTERN, `expected ${SIZE_WORDS}`),
        v.check((size) => {
          const bytes = toBytes(size);
          return bytes >= LEAST_SEGMENT && bytes <= MOST_SEGMENT;
        }, `expected ${SIZE_WORDS}, from 64KiB to 16GiB`),
        v.description('Of `file`: a segment that is longer is sealed, and a new one begun. Default: `64MiB`.'),
      ),
    ),
    segmentAge: v.exactOptional(
      longDuration(1_000, 'Of `file`: a segment that is older is sealed, and a new one begun. Default: `24h`.'),
    ),
    keep: v.exactOptional(
      wholeNumber(
        [1, 1_000_000],
        'Of `file`: so many sealed segments are kept, older ones deleted as a whole. Default: all.',
      ),
    ),
    url: v.exactOptional(
      v.pipe(
        text(),
        v.check((url) => /^https?:\/\/[^\s/]/.test(url) && URL.canParse(url), 'must be an http:// or https:// URL'),
        v.description('Of `http`: where records are posted to, a batch at a time.'),
      ),
    ),
    headers: v.exactOptional(
      v.pipe(hostHeaders, v.description('Of `http`: headers of every request: text, or a secret.')),
    ),
    format: v.exactOptional(
      v.pipe(
        v.picklist(['lines', 'otlp']),
        v.description(
          'Of `http`: a JSON record on each line (`lines`), or logs of OpenTelemetry in JSON (`otlp`). Default: `lines`.',
        ),
      ),
    ),
    timeout: v.exactOptional(duration(100, 'Of `http`: longest time of one request. Default: `10s`.')),
    onFailure: v.exactOptional(failure('What happens when this sink fails; by default what `audit.onFailure` says.')),
  },
  'a map with type',
);

/** The record of what consumers did. */
export const audit = v.strictObject(
  {
    sinks: v.pipe(
      v.array(sink, 'a list of sinks'),
      v.minLength(1, 'must name at least one sink'),
      v.maxLength(8, 'must name 8 sinks at most'),
      v.description('Where the record is written; each gets all of it. One of them may be a folder.'),
    ),
    onFailure: v.exactOptional(
      failure(
        'What happens when a sink fails: calls are refused (`closed`), refused when so many records wait (`{ buffer: 10000 }`), or run with a gap in the record (`open`).',
      ),
      'closed',
    ),
    wait: v.exactOptional(
      v.pipe(
        v.picklist(['side-effects', 'all', 'none']),
        v.description(
          'Which calls are not sent before their record is written: those that may change something (all but reads, and tools that say of themselves that they only read), all, or none.',
        ),
      ),
      'side-effects',
    ),
    values: v.exactOptional(
      v.pipe(
        v.array(
          v.pipe(
            v.string('text'),
            v.regex(
              /^(?:(?:tool|prompt):)?[A-Za-z0-9*?][A-Za-z0-9_*?-]*\/[^\0]+$/,
              'must be a pattern such as tool:server/name',
            ),
          ),
          'a list of patterns',
        ),
        v.description(
          'Tools and prompts whose arguments are recorded with their values, as patterns like those of `consumers.<name>.allow`. All others: names and types alone.',
        ),
      ),
      [],
    ),
    key: v.exactOptional(
      v.strictObject(
        {
          secret: v.pipe(
            reference(),
            v.description(
              'Reference of the key that signs the record and makes the digests of arguments: 32 characters or more. By default a key that is made in the state folder.',
            ),
          ),
        },
        'a map: { secret: "env://NAME" }',
      ),
    ),
  },
  'a map with sinks',
);
