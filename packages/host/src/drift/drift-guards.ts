import type { DriftPolicy, View } from '@hostler/kernel';
import type { Drift } from '@hostler/router';
import { hiddenBy } from './hidden-by.ts';
import type { Hidden } from './hidden-by.ts';

export interface DriftGuardsOptions {
  readonly groupOf: (server: string) => string | undefined;
  /** Everything that is known to differ. */
  readonly drifts: () => readonly Drift[];
}

/** What one policy hides at present. */
interface PolicyState {
  readonly policy: DriftPolicy;
  hidden: Hidden;
  /** Another one when what it hides was told to be another. */
  epoch: number;
}

interface Guard {
  readonly state: PolicyState;
  readonly epoch: number;
  readonly view: View;
}

/** Takes out of views what their policies hide. */
export class DriftGuards {
  readonly #options: DriftGuardsOptions;
  readonly #policies = new Map<string, PolicyState>();
  readonly #guards = new WeakMap<View, Guard>();
  #epochs = 0;

  constructor(options: DriftGuardsOptions) {
    this.#options = options;
  }

  /** The same view without what its policy hides now. */
  guard(view: View, drift: DriftPolicy): View {
    const known = this.#guards.get(view);
    if (known !== undefined && known.epoch === known.state.epoch) return known.view;
    const state = this.#policy(drift);
    const isThere = (server: string): boolean => !state.hidden.servers.has(server);
    const guarded: View = {
      key: `${view.key} #${state.epoch}`,
      drift,
      hasServer: (server) => isThere(server) && view.hasServer(server),
      hasAll: () => false,
      allows: (kind, server, name) => isThere(server) && view.allows(kind, server, name),
    };
    this.#guards.set(view, { state, epoch: state.epoch, view: guarded });
    return guarded;
  }

  /**
   * Something else differs than before.
   *
   * @param tell what of the hidden matters, as a text
   * @returns whether a view is guarded in another way from now on
   */
  compare(drifts: readonly Drift[], tell: (hidden: Hidden) => string): boolean {
    let isChanged = false;
    for (const state of this.#policies.values()) {
      const hidden = hiddenBy(state.policy, drifts, this.#options.groupOf);
      const isOther = tell(hidden) !== tell(state.hidden);
      state.hidden = hidden;
      if (!isOther) continue;
      state.epoch = ++this.#epochs;
      isChanged = true;
    }
    return isChanged;
  }

  #policy(policy: DriftPolicy): PolicyState {
    const { drifts, groupOf } = this.#options;
    const key = Object.values(policy).join(' ');
    const known = this.#policies.get(key);
    if (known) return known;
    const state = { policy, hidden: hiddenBy(policy, drifts(), groupOf), epoch: ++this.#epochs };
    this.#policies.set(key, state);
    return state;
  }
}
