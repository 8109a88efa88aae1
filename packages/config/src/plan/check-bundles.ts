import type { Path } from '../path.ts';
import type { ProblemList } from '../problem.ts';
import type { CheckedConfig, CheckedConsumer } from '../schema/config-file.ts';
import { checkView } from './check-view.ts';
import { hintFor, shown } from './missing-name.ts';
import { writtenNames } from './written-names.ts';

/** Everything that a bundle names is there. `written` is the whole configuration: what is broken is there all the same. */
export function checkBundles({ bundles }: CheckedConfig, written: unknown, problems: ProblemList): void {
  const servers = [...writtenNames(written, 'servers'), ...writtenNames(written, 'groups')];
  for (const [name, bundle] of Object.entries(bundles)) {
    checkView(bundle, { path: ['bundles', name], servers, problems });
  }
}

interface NamesContext {
  /** Of the consumer. */
  readonly path: Path;
  /** The bundles that there are. */
  readonly bundles: readonly string[];
  readonly problems: ProblemList;
}

export function checkBundleNames(
  { bundles: named = [] }: CheckedConsumer,
  { path, bundles, problems }: NamesContext,
): void {
  for (const [index, bundle] of named.entries()) {
    if (bundles.includes(bundle)) continue;
    const hint = hintFor(bundle, bundles, 'bundles has the known ones, by name');
    problems.add([...path, 'bundles', index], `there is no bundle "${shown(bundle)}"`, { hint });
  }
}
