import type { Era, GroupSpec, UpstreamSpec } from '@hostler/kernel';
import type { Selection } from '@hostler/router';
import { hostAsClient } from '@hostler/upstream';
import type { Connection, ConnectionUser, Pool } from '@hostler/upstream';
import type { CatalogStore } from '../catalog-store.ts';
import type { DriftWatch } from '../drift/drift-watch.ts';
import type { ServerLimits } from '../limits/server-limits.ts';
import type { ListReader } from '../list-reader.ts';
import type { LogLevels } from '../log-levels.ts';
import { describeGroup } from './describe-group.ts';
import { GroupConnection } from './group-connection.ts';
import { GroupOffers } from './group-offers.ts';

/** One group, with what it offers to clients of each era, and what they reach it by. */
export interface Group {
  readonly spec: GroupSpec;
  readonly asServer: UpstreamSpec;
  readonly offers: Readonly<Record<Era, GroupOffers>>;
  readonly connections: Readonly<Record<Era, Connection>>;
}

/** What all groups of a pool share. */
export interface GroupParts {
  readonly pool: Pool;
  readonly reader: ListReader;
  readonly selection: Selection;
  readonly logLevels: LogLevels;
  readonly serverLimits: ServerLimits;
  readonly store: CatalogStore | undefined;
  readonly drift: DriftWatch | undefined;
}

export function createGroup(spec: GroupSpec, parts: GroupParts): Group {
  const { pool, reader, selection, logLevels, serverLimits, store, drift } = parts;
  const offersFor = (era: Era): GroupOffers =>
    new GroupOffers({ group: spec, pool, reader, store, drift, user: viewer(era) });
  const offers = { legacy: offersFor('legacy'), modern: offersFor('modern') };
  const connectionFor = (era: Era): Connection =>
    new GroupConnection({
      group: spec,
      pool,
      offers: offers[era],
      selection,
      logLevels,
      serverLimits,
      description: () => describeGroup(spec, pool.states(), era),
    });
  return {
    spec,
    asServer: asServer(spec),
    offers,
    connections: { legacy: connectionFor('legacy'), modern: connectionFor('modern') },
  };
}

/** What the rest of the host asks of a server's settings; it is never connected to. */
function asServer({ name }: GroupSpec): UpstreamSpec {
  const create = (): never => {
    throw new TypeError('a group is no server');
  };
  const transport = { kind: 'in-process', create } as const;
  return { name, transport, era: 'auto', interactive: false, required: false, startTimeout: 0, callTimeout: 0 };
}

function viewer(era: Era): ConnectionUser {
  return { consumer: { name: 'hostler' }, client: { ...hostAsClient, era } };
}
