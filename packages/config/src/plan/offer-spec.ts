import type { OfferSpec } from '@hostler/kernel';
import type { CheckedServer } from '../schema/config-file.ts';

/** Undefined when the server is offered as it is. */
export function toOfferSpec({ include, exclude, tools, prompts }: CheckedServer): OfferSpec | undefined {
  const offer = {
    ...(include && { include }),
    ...(exclude && exclude.length > 0 && { exclude }),
    ...(isUsed(tools) && { tools }),
    ...(isUsed(prompts) && { prompts }),
  };
  // A copy, because the plan is frozen and the caller's object is not ours to freeze.
  return isUsed(offer) ? (structuredClone(offer) as OfferSpec) : undefined;
}

function isUsed(settings: object | undefined): boolean {
  return settings !== undefined && Object.keys(settings).length > 0;
}
