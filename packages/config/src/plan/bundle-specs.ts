import type { CheckedConfig } from '../schema/config-file.ts';
import { toViewSpec } from './view-spec.ts';
import type { BundleSpec } from './consumer-spec.ts';

export function toBundleSpecs({ bundles }: CheckedConfig): BundleSpec[] {
  return Object.entries(bundles).map(([name, { title, instructions, ...view }]) => ({
    name,
    ...(title !== undefined && { title }),
    ...(instructions !== undefined && { instructions }),
    ...toViewSpec(view),
  }));
}
