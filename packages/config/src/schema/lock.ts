import type { DriftPolicy } from '@hostler/kernel';
import * as v from 'valibot';
import { pathText } from './values.ts';

const ACTIONS = ['warn', 'hide', 'quarantine'] as const;

function action(meaning: string) {
  return v.exactOptional(v.pipe(v.picklist(ACTIONS), v.description(meaning)));
}

/** What happens where nobody says anything else. */
export const DEFAULT_DRIFT: DriftPolicy = {
  wording: 'warn',
  hints: 'hide',
  schema: 'hide',
  new: 'hide',
  removed: 'warn',
  server: 'quarantine',
};

type Grade = keyof DriftPolicy;

function grades(fallback: (grade: Grade) => string) {
  const of = (grade: Grade, meaning: string) => action(`${meaning} ${fallback(grade)}`);
  return v.strictObject(
    {
      wording: of('wording', 'Another title, description or instructions.'),
      hints: of('hints', 'Other annotations, such as `readOnlyHint`.'),
      schema: of('schema', 'Other arguments, input or output.'),
      new: of('new', 'A tool, prompt or resource template that was not there, also one under a new name.'),
      removed: of('removed', 'One that was there is gone.'),
      server: of('server', 'Another command, arguments, names of variables or headers, or URL.'),
    },
    'a map with wording, hints, schema, new, removed and server',
  );
}

/** One word for every grade, or a word for each. */
function driftPolicy(meaning: string, fallback: (grade: Grade) => string) {
  return v.pipe(
    v.union(
      [v.picklist(ACTIONS), grades(fallback)],
      'warn, hide, quarantine, or a map with one of them for each grade',
    ),
    v.description(meaning),
  );
}

/** Over that of the host. */
export const consumerDrift = driftPolicy(
  'What it sees of what is not as the lockfile has it, where that differs from `lock.drift`.',
  (grade) => `Absent: as \`lock.drift.${grade}\`.`,
);

export const lock = v.strictObject(
  {
    file: v.exactOptional(
      v.pipe(
        pathText(),
        v.description(
          'The lockfile, relative to this file’s folder: what was approved of the servers, as `hostler lock` writes it. It is looked at four times a second. Absent: nothing is compared.',
        ),
      ),
    ),
    drift: v.exactOptional(
      driftPolicy(
        'What happens to what is not as it was approved: `warn` shows it to the operator, `hide` takes it out of lists and calls, `quarantine` takes the whole server out.',
        (grade) => `Default: \`${DEFAULT_DRIFT[grade]}\`.`,
      ),
    ),
    suspicious: v.exactOptional(
      v.pipe(
        v.picklist(['flag', 'strip', 'hide']),
        v.description(
          'What happens to definitions with hidden characters, such as control, bidirectional, zero-width and tag characters: `flag` shows them to the operator, `strip` also takes the characters out, `hide` takes the definition out.',
        ),
      ),
      'strip',
    ),
  },
  'a map with file, drift and suspicious',
);
