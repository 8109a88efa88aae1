import type { Runtime } from '@hostler/runtime';
import { printable } from '../text/printable.ts';
import type { Check } from './check.ts';

type Conflict = Awaited<ReturnType<Runtime['host']['conflicts']>>[number];

/** Checks of one problem with one server that are shown; one wrong order of servers can cause thousands. */
const MOST_SHOWN = 5;

/** What is wrong with the names, lists and overrides of the servers. */
export function checkOffers(conflicts: readonly Conflict[]): Check[] {
  const groups = Map.groupBy(conflicts, ({ problem, server }) => `${problem} ${server}`);
  return [...groups.values()].flatMap((group) => {
    const checks = group.slice(0, MOST_SHOWN).map(toCheck);
    const left = group.length - checks.length;
    const [first] = group;
    if (left === 0 || first === undefined) return checks;
    const message = `The same holds for ${left} more of ${first.server}.`;
    // Without a mend: those above name what they are about.
    return [...checks, { name: `offer of ${first.server}`, status: 'warning', message }];
  });
}

function toCheck({ server, message, mend }: Conflict): Check {
  return { name: `offer of ${server}`, status: 'warning', message: printable(message), mend: printable(mend) };
}
