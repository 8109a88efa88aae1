import type { Runtime } from '@hostler/runtime';
import type { UpstreamState } from '@hostler/upstream';

/**
 * How each server is, from now on. One that is being started again is as its last attempt left it: that is what can be
 * mended. Call it before the runtime starts.
 */
export function watchStates(runtime: Runtime): () => readonly UpstreamState[] {
  const outcomes = new Map<string, UpstreamState>();
  runtime.onEvent((event) => {
    if (event.kind === 'state' && event.state.status !== 'starting') outcomes.set(event.state.name, event.state);
  });
  return () =>
    runtime.host.servers().map((state) => (state.status === 'starting' ? (outcomes.get(state.name) ?? state) : state));
}
