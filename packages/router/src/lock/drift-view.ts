import type { DriftPolicy, View } from '@hostler/kernel';

/** The view of somebody from whom what differs from what was approved may be hidden. */
export function driftView(view: View, drift: DriftPolicy): View {
  const actions = Object.entries(drift);
  if (actions.every(([, action]) => action === 'warn')) return view;
  const key = actions.map(([grade, action]) => `${grade}=${action}`).join(',');
  return {
    key: `${view.key} ${key}`,
    drift,
    hasServer: (server) => view.hasServer(server),
    // What is offered has to be looked at.
    hasAll: () => false,
    allows: (kind, server, name) => view.allows(kind, server, name),
  };
}
