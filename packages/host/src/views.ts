import type { Consumer, Scope, View } from '@hostler/kernel';
import { emptyView, fullView } from '@hostler/router';
import { bundleName } from './bundle.ts';
import type { Bundle, BundleOf } from './bundle.ts';
import type { GroupedPool } from './groups/with-groups.ts';

export type ViewOf = (consumer: Consumer) => View;

/** Who sees something, and through what of the host: a bundle shows less. */
export interface Viewer {
  readonly consumer: Consumer;
  readonly scope?: Scope;
}

export interface ViewsOptions {
  /** Absent: everybody sees everything. */
  readonly viewOf?: ViewOf | undefined;
  /** Absent: there are no bundles. */
  readonly bundleOf?: BundleOf | undefined;
  /** The same view without what is hidden at present; absent: nothing is. */
  readonly guard?: ((view: View) => View) | undefined;
}

/** What consumers may see and call: everything that goes to a server or comes from one asks here. */
export interface Views {
  readonly of: (viewer: Viewer) => View;
  /** The bundle that is addressed; undefined for the whole host, and where it is not there for this consumer. */
  bundle(viewer: Viewer): Bundle | undefined;
  readonly hasBundles: boolean;
  /** Whether what is addressed is there for this consumer. */
  hasScope(viewer: Viewer & { readonly scope: Scope }): boolean;
  /** Nobody said whose view it is: everything is everybody's. */
  readonly isOpen: boolean;
  /** Whether the server is there for this consumer. A group's member is not: its group is. */
  hasServer(viewer: Viewer, server: string): boolean;
  /** Whether what a server says may be heard; one that was removed is asked about like any other. */
  mayHear(viewer: Viewer, server: string): boolean;
  /** @param uri the server's own */
  mayHearOf(viewer: Viewer, server: string, uri: string): boolean;
  /** This consumer was given lists. */
  give(viewer: Viewer): void;
  /** Whose view is another than when they were given lists; undefined when nobody's is. */
  takeChanged(): ((viewer: Viewer) => boolean) | undefined;
}

export function createViews(pool: Pick<GroupedPool, 'spec' | 'groupOf'>, options: ViewsOptions = {}): Views {
  const { viewOf = () => fullView, bundleOf, guard } = options;
  const isOpen = options.viewOf === undefined && bundleOf === undefined;
  const given = new Map<string, { readonly viewer: Viewer; readonly key: string }>();

  function bundle({ consumer, scope }: Viewer): Bundle | undefined {
    const name = bundleName(scope);
    return name === undefined ? undefined : bundleOf?.(consumer, name);
  }

  const viewBy = (viewer: Viewer): View =>
    bundleName(viewer.scope) === undefined ? viewOf(viewer.consumer) : (bundle(viewer)?.view ?? emptyView);

  const of = guard === undefined ? viewBy : (viewer: Viewer): View => guard(viewBy(viewer));

  /** What a member says is what its group says. */
  const seenAs = (server: string): string => pool.groupOf(server) ?? server;

  function hasServer(viewer: Viewer, server: string): boolean {
    if (pool.spec(server) === undefined) return false;
    const view = of(viewer);
    return isFull(view) || (view.hasServer(server) && pool.groupOf(server) === undefined);
  }

  return {
    of,
    bundle,
    hasBundles: bundleOf !== undefined,
    isOpen,
    hasServer,
    hasScope(viewer) {
      const { scope } = viewer;
      if (scope.kind === 'server') return hasServer(viewer, scope.name);
      return scope.bundle === undefined || bundle(viewer) !== undefined;
    },
    mayHear(viewer, server) {
      const view = of(viewer);
      return isFull(view) || view.hasServer(seenAs(server));
    },
    mayHearOf(viewer, server, uri) {
      const view = of(viewer);
      return isFull(view) || view.allows('resource', seenAs(server), uri);
    },
    give(viewer) {
      if (isOpen) return;
      const { consumer, scope } = viewer;
      given.set(viewerName(viewer), { viewer: { consumer, ...(scope && { scope }) }, key: of(viewer).key });
    },
    takeChanged() {
      const changed = new Set<string>();
      for (const [name, { viewer, key }] of given) {
        const view = of(viewer);
        if (view.key === key) continue;
        changed.add(name);
        if (bundleName(viewer.scope) !== undefined && bundle(viewer) === undefined) given.delete(name);
        else given.set(name, { viewer, key: view.key });
      }
      return changed.size === 0 ? undefined : (viewer) => changed.has(viewerName(viewer));
    },
  };
}

/** One text for a consumer and the bundle through which it looks. Neither name holds a line break. */
export function viewerName({ consumer, scope }: Viewer): string {
  const bundle = bundleName(scope);
  return bundle === undefined ? consumer.name : `${consumer.name}\n${bundle}`;
}

export function isFull({ key }: View): boolean {
  return key === fullView.key;
}
