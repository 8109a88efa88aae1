import * as v from 'valibot';
import { pathText } from './values.ts';

const ACTIONS = ['warn', 'hide', 'quarantine'] as const;

function action(meaning: string) {
  return v.exactOptional(v.pipe(v.picklist(ACTIONS), v.description(meaning)));
}

const grades = v.strictObject(
  {
    wording: action('Another title, description or instructions. Absent: `warn`.'),
    hints: action('Other annotations, such as `readOnlyHint`. Absent: `hide`.'),
    schema: action('Other arguments, input or output. Absent: `hide`.'),
    new: action('A tool, prompt or resource template that was not there, also one under a new name. Absent: `hide`.'),
    removed: action('One that was there is gone. Absent: `warn`.'),
    server: action('Another command, arguments, names of variables or headers, or URL. Absent: `quarantine`.'),
  },
  'a map with wording, hints, schema, new, removed and server',
);

/** One word for every grade, or a word for each. */
export function driftPolicy(meaning: string) {
  return v.pipe(
    v.union([v.picklist(ACTIONS), grades], 'warn, hide, quarantine, or a map with one of them for each grade'),
    v.description(meaning),
  );
}

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
