import type { Json } from '@hostler/kernel';
import { isAlias, isMap, isScalar, isSeq } from 'yaml';
import type { Alias, Node, Pair, YAMLMap, YAMLSeq } from 'yaml';
import type { Path } from '../path.ts';
import type { Report } from './finding.ts';

/** A value with its place in the text. */
export interface Place {
  readonly value: Json | undefined;
  /** Offset of its first character. */
  readonly start: number;
  /** Offset of its key; absent for items of lists and for the top. */
  readonly key?: number;
  readonly children?: ReadonlyMap<string | number, Place>;
}

/** Far above any configuration, far below what hurts: aliases can multiply a small text into gigabytes. */
const MAX_VALUES = 50_000;
const MAX_DEPTH = 64;

/** Keys that mean something to JavaScript objects themselves: never a setting, often an attack. */
const RESERVED_KEYS: ReadonlySet<string> = new Set(['__proto__', 'constructor', 'prototype']);

/**
 * Turns a parsed tree into plain values; reports duplicate and reserved keys, unknown aliases and excessive size
 * (after the last two there is no value).
 */
export function readPlaces(top: Node | null, report: Report): Place {
  const reader = new PlaceReader(report);
  const place = reader.read(top, []);
  return reader.incomplete ? { ...place, value: undefined } : place;
}

/** The place a path leads to, or the last one on the way that exists. */
export function findPlace(top: Place, path: Path): Place {
  let place = top;
  for (const step of path) {
    const next = place.children?.get(step);
    if (next === undefined) return place;
    place = next;
  }
  return place;
}

class PlaceReader {
  readonly #report: Report;
  readonly #anchors = new Map<string, Node>();
  #values = 0;
  #stopped = false;
  /** Something could not be read: the rest would only cause reports that mislead. */
  incomplete = false;

  constructor(report: Report) {
    this.#report = report;
  }

  read(node: Node | null, path: Path, key?: number): Place {
    const start = node?.range?.[0] ?? key ?? 0;
    const place = { start, ...(key !== undefined && { key }) };
    if (this.#isTooMuch(start, path)) return { ...place, value: undefined };
    if (isAlias(node)) return { ...this.#readAlias(node, path, key), ...place };
    return { ...place, ...this.#readValue(node, path) };
  }

  #readAlias(alias: Alias, path: Path, key?: number): Place {
    const target = this.#anchors.get(alias.source);
    if (target !== undefined) return this.read(target, path, key);
    const start = alias.range?.[0] ?? 0;
    this.incomplete = true;
    this.#report(start, path, 'no anchor of this name stands before this alias');
    return { start, value: undefined };
  }

  #readValue(node: Node | null, path: Path): Pick<Place, 'value' | 'children'> {
    if (!isMap(node) && !isSeq(node) && !isScalar(node)) return { value: null };
    if (node.anchor) this.#anchors.set(node.anchor, node);
    if (isMap(node)) return this.#readMap(node, path);
    return isSeq(node) ? this.#readList(node, path) : { value: node.value as Json };
  }

  #readMap(map: YAMLMap, path: Path): Pick<Place, 'value' | 'children'> {
    const children = new Map<string, Place>();
    for (const pair of map.items as Pair<Node, Node | null>[]) {
      const offset = pair.key.range?.[0] ?? 0;
      const key = isScalar(pair.key) && typeof pair.key.value === 'string' ? pair.key.value : undefined;
      if (key === undefined) this.#report(offset, path, 'a key must be text');
      else if (RESERVED_KEYS.has(key)) this.#report(offset, [...path, key], 'this name is reserved');
      else if (children.has(key)) this.#report(offset, [...path, key], 'this key stands here twice');
      else children.set(key, this.read(pair.value, [...path, key], offset));
    }
    const entries = [...children].flatMap(([key, { value }]) => (value === undefined ? [] : [[key, value] as const]));
    return { value: Object.fromEntries(entries), children };
  }

  #readList(list: YAMLSeq, path: Path): Pick<Place, 'value' | 'children'> {
    const children = new Map<number, Place>();
    for (const [index, item] of (list.items as (Node | null)[]).entries()) {
      children.set(index, this.read(item, [...path, index]));
    }
    return { value: [...children.values()].map(({ value }) => value ?? null), children };
  }

  #isTooMuch(offset: number, path: Path): boolean {
    this.#values += 1;
    if (!this.#stopped && (this.#values > MAX_VALUES || path.length > MAX_DEPTH)) {
      this.#stopped = true;
      this.incomplete = true;
      const what = path.length > MAX_DEPTH ? 'this is nested too deeply' : 'with its aliases this file is too large';
      this.#report(offset, path.slice(0, 3), what);
    }
    return this.#stopped;
  }
}
