import type { Consumer, ConsumerSpec, View } from '@hostler/kernel';
import { createView, emptyView, fullView } from '@hostler/router';

/** What each consumer sees, by the plan in force. */
export interface Views {
  of(consumer: Consumer): View;
  /** @param consumers absent: nobody has to prove anything, and everybody sees everything */
  change(consumers: readonly ConsumerSpec[] | undefined): void;
}

export function createViews(first: readonly ConsumerSpec[] | undefined): Views {
  let views = viewsOf(first);
  return {
    // One that is gone sees nothing.
    of: ({ name }) => views.get(name) ?? emptyView,
    change(consumers) {
      views = viewsOf(consumers);
    },
  };
}

function viewsOf(consumers: readonly ConsumerSpec[] | undefined): ReadonlyMap<string, View> {
  const views = new Map((consumers ?? []).map((consumer) => [consumer.name, createView(consumer)] as const));
  if (consumers === undefined) views.set('anonymous', fullView);
  // The host itself, where no client is behind it.
  return views.set('hostler', fullView);
}
