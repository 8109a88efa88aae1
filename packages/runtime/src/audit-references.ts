import type { HostPlan } from '@hostler/config';

/** The secrets of the record and of its sinks, by the place where they are written. */
export function auditSecrets({ audit }: Pick<HostPlan, 'audit'>): ReadonlyMap<string, string> {
  const places = new Map<string, string>();
  if (audit?.key !== undefined) places.set('audit.key', audit.key);
  for (const [index, sink] of (audit?.sinks ?? []).entries()) {
    if (sink.type !== 'http') continue;
    for (const [name, setting] of Object.entries(sink.headers)) {
      if (typeof setting === 'object') places.set(`audit.sinks.${index}.headers.${name}`, setting.secret);
    }
  }
  return places;
}
