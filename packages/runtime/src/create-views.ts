import type { Bundle } from '@hostler/host';
import type { BundleSpec, ConsumerSpec } from '@hostler/config';
import type { Consumer, DriftPolicy, View } from '@hostler/kernel';
import { createView, driftView, emptyView, fullView, intersectViews } from '@hostler/router';

/** What of a plan says who sees what. */
export interface ViewsSpec {
  /** Absent: nobody has to prove anything, and everybody sees everything. */
  readonly consumers?: readonly ConsumerSpec[];
  readonly bundles?: readonly BundleSpec[];
  /** What happens to what is not as it was approved; without a file nothing is compared. */
  readonly lock?: { readonly file?: string; readonly drift: DriftPolicy };
}

/** What each consumer sees, by the plan in force. */
export interface Views {
  of(consumer: Consumer): View;
  /** Undefined for a bundle that is not there, and for one that is not this consumer's. */
  bundleOf(consumer: Consumer, name: string): Bundle | undefined;
  change(spec: ViewsSpec): void;
}

export function createViews(first: ViewsSpec): Views {
  let views = new PlannedViews(first);
  return {
    of: (consumer) => views.of(consumer),
    bundleOf: (consumer, name) => views.bundleOf(consumer, name),
    change(spec) {
      views = new PlannedViews(spec);
    },
  };
}

interface KnownConsumer {
  readonly view: View;
  /** Absent: every bundle. */
  readonly names: ReadonlySet<string> | undefined;
  /** Those that were asked for: as many as there are, at most. */
  readonly bundles: Map<string, Bundle>;
}

class PlannedViews {
  readonly #consumers: ReadonlyMap<string, KnownConsumer>;
  readonly #bundles: ReadonlyMap<string, { readonly spec: BundleSpec; readonly view: View }>;

  constructor({ consumers, bundles = [], lock }: ViewsSpec) {
    const locked = (view: View, drift = lock?.drift): View =>
      lock?.file === undefined || drift === undefined ? view : driftView(view, drift);
    const known = new Map(
      (consumers ?? []).map(
        (spec) => [spec.name, knownAs(locked(createView(spec), spec.drift), spec.bundles)] as const,
      ),
    );
    if (consumers === undefined) known.set('anonymous', knownAs(locked(fullView)));
    // The host itself, where no client is behind it.
    this.#consumers = known.set('hostler', knownAs(fullView));
    this.#bundles = new Map(bundles.map((spec) => [spec.name, { spec, view: createView(spec) }]));
  }

  /** One that is gone sees nothing. */
  of({ name }: Consumer): View {
    return this.#consumers.get(name)?.view ?? emptyView;
  }

  bundleOf(consumer: Consumer, name: string): Bundle | undefined {
    const known = this.#consumers.get(consumer.name);
    const found = this.#bundles.get(name);
    if (known === undefined || found === undefined || known.names?.has(name) === false) return undefined;
    const kept = known.bundles.get(name);
    if (kept !== undefined) return kept;
    const { title, instructions } = found.spec;
    const bundle: Bundle = {
      view: intersectViews(known.view, found.view),
      ...(title !== undefined && { title }),
      ...(instructions !== undefined && { instructions }),
    };
    known.bundles.set(name, bundle);
    return bundle;
  }
}

function knownAs(view: View, names?: readonly string[]): KnownConsumer {
  return { view, names: names && new Set(names), bundles: new Map() };
}
