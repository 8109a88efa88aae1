import type { Runtime } from '@hostler/runtime';
import type { UpstreamState } from '@hostler/upstream';
import type { Masking } from './masking.ts';

/** The servers of a runtime as a person may see them. */
export interface ServerStates {
  /** How each server is. One that is being started again is as its last attempt left it: that is what can be mended. */
  now(): readonly UpstreamState[];
  /** Every change from now on. Returns the function that ends it. */
  onChange(listener: (state: UpstreamState) => void): () => void;
}

/** From now on: call it before the runtime starts. */
export function watchStates(runtime: Runtime, masking: Masking): ServerStates {
  const outcomes = new Map<string, UpstreamState>();
  const states: ServerStates = {
    now: () =>
      runtime.host
        .servers()
        .map((state) => (state.status === 'starting' ? outcomes.get(state.name) : undefined) ?? masked(state, masking)),
    onChange: (listener) =>
      runtime.onEvent((event) => event.kind === 'state' && listener(masked(event.state, masking))),
  };
  states.onChange((state) => state.status !== 'starting' && outcomes.set(state.name, state));
  return states;
}

/** Before it is laid out: half a secret, at the end of a line that was cut, is found by nobody. */
function masked(state: UpstreamState, masking: Masking): UpstreamState {
  return state.problem === undefined ? state : { ...state, problem: masking.text(state.problem) };
}
