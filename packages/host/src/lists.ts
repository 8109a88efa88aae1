import { Payload } from '@hostler/kernel';
import type { Exchange, Outcome } from '@hostler/kernel';
import { listKinds } from '@hostler/protocol';
import type { ListName } from '@hostler/protocol';
import { catalogOf } from './catalog-of.ts';
import type { HostParts } from './host-parts.ts';
import { optionalText } from './parameters.ts';
import type { ServedCatalog } from './served-catalog.ts';
import { isFull } from './views.ts';

/** Answers a list from the catalog, as bytes that are there already; undefined where there is no catalog. */
export function answerList(parts: HostParts, exchange: Exchange, list: ListName): Promise<Outcome> | undefined {
  const { views } = parts;
  const { consumer } = exchange;
  const catalog = catalogOf(parts, exchange);
  views.give(exchange);
  // What one had to prove oneself for, or what is not what others get, is for nobody else to keep.
  const isPrivate = consumer.identity !== undefined || !isFull(views.of(exchange));
  if (catalog === undefined) return undefined;
  const toOutcome = (served: ServedCatalog): Outcome => {
    const { era } = exchange.client;
    const cursor = optionalText(exchange.request.params, 'cursor');
    return { kind: 'result', era, payload: Payload.ofBytes(served.page({ kind: list, cursor, era, isPrivate })) };
  };
  return catalog instanceof Promise ? catalog.then(toOutcome) : Promise.resolve(toOutcome(catalog));
}

/** Which list a method asks for; undefined for other methods. */
export function listOf(method: string): ListName | undefined {
  return LISTS.get(method);
}

const LISTS: ReadonlyMap<string, ListName> = new Map(
  (Object.keys(listKinds) as ListName[]).map((name) => [listKinds[name].method, name]),
);
