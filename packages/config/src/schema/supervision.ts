import * as v from 'valibot';
import { BYTE_SIZE_PATTERN, toBytes } from '../byte-size.ts';
import { rate, toolRates } from './limits.ts';
import { longDuration, wholeNumber } from './values.ts';

const SIZE_WORDS = 'a size such as 512MiB or 2GiB';
const LEAST_MEMORY = 2 ** 20;
const MOST_MEMORY = 2 ** 42;

export const limits = v.strictObject(
  {
    running: v.exactOptional(
      wholeNumber([1, 10_000], 'Calls that the server is given at the same time. Default: `128`.'),
    ),
    waiting: v.exactOptional(
      wholeNumber(
        [0, 100_000],
        'Calls above `running` that wait for a place; any further one is refused. The time in the queue is part of the time of the call. Default: `256`.',
      ),
    ),
    calls: v.exactOptional(rate('Requests that the server is given in a time, over all consumers')),
    tools: v.exactOptional(
      toolRates(
        /^[^\0/]+$/,
        'must be the name of a tool, or a pattern such as create_*',
        'Calls of certain tools in a time, over all consumers: by name, with `*`, `**` and `?`. All tools that a pattern fits have its rate together.',
      ),
    ),
  },
  'a map with running, waiting, calls and tools',
);

export const recycle = v.strictObject(
  {
    idle: v.exactOptional(
      longDuration(
        1_000,
        'The server is ended when it had no call for so long, and started again by its next call. Its tools stay listed. Absent: never.',
      ),
    ),
    lifetime: v.exactOptional(
      longDuration(
        10_000,
        'The server is replaced by a fresh one after so long, without a failed call. Absent: never.',
      ),
    ),
  },
  'a map with idle and lifetime',
);

export const resources = v.strictObject(
  {
    memory: v.exactOptional(
      v.pipe(
        v.string(SIZE_WORDS),
        v.regex(BYTE_SIZE_PATTERN, `expected ${SIZE_WORDS}`),
        v.check((size) => {
          const bytes = toBytes(size);
          return bytes >= LEAST_MEMORY && bytes <= MOST_MEMORY;
        }, `expected ${SIZE_WORDS}, from 1MiB to 4096GiB`),
        v.description('Memory that each process of the server may write to, such as `512MiB`. Not on Windows.'),
      ),
    ),
    cpu: v.exactOptional(
      longDuration(
        1_000,
        'CPU time that each process of the server may use before it is ended, in whole seconds. Not on Windows.',
      ),
    ),
    openFiles: v.exactOptional(
      wholeNumber([16, 10_000_000], 'Files that each process of the server may have open. Not on Windows.'),
    ),
  },
  'a map with memory, cpu and openFiles',
);

export const replay = v.pipe(
  v.picklist(['never', 'safe', 'always']),
  v.description(
    'Calls that are made again when the server has lost the session of its connection: none (`never`), those to tools that it annotates as read-only or idempotent (`safe`), or all (`always`).',
  ),
);
