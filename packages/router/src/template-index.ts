import { SortedTexts } from './sorted-texts.ts';
import { matchesTemplate, mayOverlap } from './uri-template.ts';
import type { UriTemplate } from './uri-template.ts';

export interface IndexedTemplate<Owner> {
  readonly owner: Owner;
  readonly template: UriTemplate;
}

/** The templates with one beginning, by their ends. */
interface Ends<Owner> {
  readonly byEnd: Map<string, IndexedTemplate<Owner>[]>;
  readonly lengths: Set<number>;
}

/**
 * Templates that are compared one by one. Lists come from servers, and none of them may keep the host busy: of more than
 * these, those with the same beginning and end count as one that everything between fits.
 */
const COMPARED = 64;

/**
 * Many templates, to find those that a URI fits without comparing it to all of them. `place` is the order of the owners:
 * the lowest comes first.
 */
export class TemplateIndex<Owner> {
  readonly #placeOf: (owner: Owner) => number;
  readonly #byBeginning = new Map<string, Ends<Owner>>();
  readonly #lengths = new Set<number>();
  readonly #beginnings = new SortedTexts();

  constructor(placeOf: (owner: Owner) => number) {
    this.#placeOf = placeOf;
  }

  /** To be called in the order of the owners. */
  addAll(templates: readonly IndexedTemplate<Owner>[]): void {
    for (const entry of templates) {
      const { beginning, end } = partsOf(entry.template);
      const ends = this.#byBeginning.get(beginning) ?? { byEnd: new Map(), lengths: new Set() };
      this.#byBeginning.set(beginning, ends);
      ends.byEnd.set(end, [...(ends.byEnd.get(end)?.slice(0, COMPARED) ?? []), entry]);
      ends.lengths.add(end.length);
      this.#lengths.add(beginning.length);
    }
    this.#beginnings.addAll(templates.map(({ template }) => partsOf(template).beginning));
  }

  /** The first owner of a template that the URI fits. */
  ownerOf(uri: string, isAllowed: (owner: Owner) => boolean): Owner | undefined {
    let first: Owner | undefined;
    for (const entries of this.#candidates(uri)) {
      const found = entries.find(
        ({ owner, template }) => isAllowed(owner) && (entries.length > COMPARED || matchesTemplate(template, uri)),
      )?.owner;
      if (found !== undefined && (first === undefined || this.#placeOf(found) < this.#placeOf(first))) first = found;
    }
    return first;
  }

  /** The owner of a template that might fit a URI that this one fits; errs towards yes. */
  rivalOf(template: UriTemplate): Owner | undefined {
    const { beginning } = partsOf(template);
    const longer = this.#beginnings.startingWith(beginning, COMPARED + 1);
    const shorter = [...this.#lengths]
      .filter((length) => length < beginning.length)
      .map((length) => beginning.slice(0, length));
    for (const other of [...longer, ...shorter]) {
      const entries = [...(this.#byBeginning.get(other)?.byEnd.values() ?? [])].slice(0, COMPARED + 1);
      const isMany = longer.length > COMPARED || entries.length > COMPARED;
      const rival = entries
        .map(([entry]) => entry)
        .find((entry) => entry && (isMany || mayOverlap(entry.template, template)));
      if (rival) return rival.owner;
    }
    return undefined;
  }

  *#candidates(uri: string): Iterable<readonly IndexedTemplate<Owner>[]> {
    for (const length of this.#lengths) {
      const ends = length <= uri.length ? this.#byBeginning.get(uri.slice(0, length)) : undefined;
      for (const endLength of ends?.lengths ?? []) {
        if (endLength > uri.length) continue;
        const entries = ends?.byEnd.get(uri.slice(uri.length - endLength));
        if (entries) yield entries;
      }
    }
  }
}

function partsOf({ literals }: UriTemplate): { readonly beginning: string; readonly end: string } {
  return { beginning: literals[0] as string, end: literals.at(-1) as string };
}
