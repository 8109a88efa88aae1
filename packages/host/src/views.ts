import type { Consumer, View } from '@hostler/kernel';
import { fullView } from '@hostler/router';
import type { GroupedPool } from './groups/with-groups.ts';

export type ViewOf = (consumer: Consumer) => View;

/** What consumers may see and call: everything that goes to a server or comes from one asks here. */
export interface Views {
  readonly of: ViewOf;
  /** Nobody said whose view it is: everything is everybody's. */
  readonly isOpen: boolean;
  /** Whether the server is there for this consumer. A group's member is not: its group is. */
  hasServer(consumer: Consumer, server: string): boolean;
  /** Whether what a server says may be heard; one that was removed is asked about like any other. */
  mayHear(consumer: Consumer, server: string): boolean;
  /** @param uri the server's own */
  mayHearOf(consumer: Consumer, server: string, uri: string): boolean;
  /** This consumer was given lists. */
  give(consumer: Consumer): void;
  /** The consumers, by name, whose view is another than when they were given lists. */
  takeChanged(): ReadonlySet<string>;
}

/** @param viewOf absent: everybody sees everything */
export function createViews(pool: Pick<GroupedPool, 'spec' | 'groupOf'>, viewOf: ViewOf | undefined): Views {
  const of = viewOf ?? (() => fullView);
  const given = new Map<string, { readonly consumer: Consumer; readonly key: string }>();

  /** What a member says is what its group says. */
  const seenAs = (server: string): string => pool.groupOf(server) ?? server;

  return {
    of,
    isOpen: viewOf === undefined,
    hasServer(consumer, server) {
      if (pool.spec(server) === undefined) return false;
      const view = of(consumer);
      return isFull(view) || (view.hasServer(server) && pool.groupOf(server) === undefined);
    },
    mayHear(consumer, server) {
      const view = of(consumer);
      return isFull(view) || view.hasServer(seenAs(server));
    },
    mayHearOf(consumer, server, uri) {
      const view = of(consumer);
      return isFull(view) || view.allows('resource', seenAs(server), uri);
    },
    give(consumer) {
      if (viewOf !== undefined) given.set(consumer.name, { consumer, key: of(consumer).key });
    },
    takeChanged() {
      const changed = new Set<string>();
      for (const [name, { consumer, key }] of given) {
        const view = of(consumer);
        if (view.key === key) continue;
        changed.add(name);
        given.set(name, { consumer, key: view.key });
      }
      return changed;
    },
  };
}

export function isFull({ key }: View): boolean {
  return key === fullView.key;
}
