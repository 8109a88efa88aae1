import type { Case, Shown } from './cases.ts';
import { POISONS } from './poisons.ts';

const api = (title: string): Shown => ({ file: 'apps/api/test/lock.test.ts', title });
const drift = (title: string): Shown => ({ file: 'packages/host/src/drift/drift.test.ts', title });
const grades = (title: string): Shown => ({ file: 'packages/router/src/lock/grade-drift.test.ts', title });
const check = (title: string): Shown => ({ file: 'packages/router/src/lock/check-definition.test.ts', title });
const page = (title: string): Shown => ({ file: 'packages/router/src/lock/plain-page.test.ts', title });
const tried: Shown = {
  file: 'tests/authorization/poison.test.ts',
  title: 'Q-%s %s reaches nobody who wants what was approved, at any door',
};

const ANOTHER = api('Q: another %s is hidden where that is configured, over REST as well');

/** What a server may do to its definitions after somebody has looked at them. */
const SHOWN: Readonly<Record<number, Case>> = {
  1: {
    says: 'Another description or instruction is noticed, and hidden from whom that is configured for.',
    shown: [
      ANOTHER,
      grades('grades %o'),
      drift('leaves out instructions that are others, also where a server describes itself'),
    ],
  },
  2: {
    says: 'Another schema is hidden until it is approved.',
    shown: [
      api('Q: a tool with another schema is unknown to those it is hidden from, until it is approved; others go on'),
      grades('grades %o'),
    ],
  },
  3: { says: 'Another hint is hidden until it is approved.', shown: [ANOTHER, grades('grades %o')] },
  4: {
    says: 'What is new waits for approval; a rename is new and noticed as one.',
    shown: [
      api(
        'Q: a new tool waits for approval, one that is gone and comes back otherwise is compared with what was approved',
      ),
      api('notices a rename, and hides the new name'),
      drift('lets nothing be read or completed by a template that nobody approved'),
    ],
  },
  5: {
    says: 'What went and comes back is compared with what was approved.',
    shown: [
      api(
        'Q: a new tool waits for approval, one that is gone and comes back otherwise is compared with what was approved',
      ),
    ],
  },
  6: {
    says: 'A schema is what it says, not what it calls itself.',
    shown: [grades('looks at the whole schema, whatever it calls itself'), ANOTHER],
  },
  7: {
    says: 'Of names that are the same, or look it, one is served.',
    shown: [
      check('takes %s for %s'),
      check('tells names of other scripts from names of ASCII'),
      {
        file: 'packages/router/src/catalog.test.ts',
        title: 'reports a name that a server gives twice, and a name that looks like another’s digest',
      },
    ],
  },
  8: {
    says: 'What a person does not see is taken out, or the definition is; so are descriptions that crowd out all others.',
    shown: [
      api('Q: hidden characters do not reach clients, and what cannot be made plain is not offered'),
      check('does not offer what would mean something else without them'),
      check('does not offer names and descriptions that are far too long, whatever is configured'),
      page('lets nothing through that readers would take apart in other ways'),
    ],
  },
};

/** Each is also tried at every door: all transports and revisions, places, REST and the command line. */
export const POISON_CASES: Readonly<Record<number, Case>> = Object.fromEntries(
  Object.entries(SHOWN).map(([number, { says, shown }]) => {
    const isTried = (POISONS[Number(number)]?.length ?? 0) > 0;
    return [number, { says, shown: isTried ? [tried, ...shown] : [] }];
  }),
);
