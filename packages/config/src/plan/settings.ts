import type { Setting } from '@hostler/kernel';
import type { CheckedServer } from '../schema/config-file.ts';

type CheckedSetting = NonNullable<CheckedServer['env'] | CheckedServer['headers']>[string];

/** Leaves out what equals the default, so that the same setting written in two ways is the same plan. */
export function toSetting(value: CheckedSetting): Setting {
  if (typeof value === 'string') return value;
  const { secret, format, optional } = value;
  const as = 'as' in value && value.as !== 'env' ? value.as : undefined;
  return { secret, ...(format !== '{}' && { format }), ...(optional && { optional }), ...(as && { as }) };
}

export function toSettings(settings: CheckedServer['env'] | CheckedServer['headers'] = {}): Record<string, Setting> {
  return Object.fromEntries(Object.entries(settings).map(([name, value]) => [name, toSetting(value)]));
}
