import type { Clock, JsonObject } from '@hostler/kernel';
import type { AuditEntry } from './record.ts';
import type { Recorder } from './recorder.ts';

/** Milliseconds for which what is the same again is only counted. */
const WINDOW = 10_000;
/** Sources of one kind in a window; what comes from others is counted as one. */
const MOST_SOURCES = 1_000;
/** Different ones of a source; what is more of it is counted as one. */
const MOST_ALIKE = 64;
/** The same over all sources of a kind: from there on each source has one. */
const MOST_IN_ALL = 4_000;

/** Records what may come in floods: the first at once, others like it as one with their number. */
export interface Tally {
  add(of: TallyKey, entry: TalliedEntry): void;
  close(): void;
}

/** What can be counted with others. */
export interface TalliedEntry extends AuditEntry {
  readonly fields: JsonObject;
}

/** Those of one source that are about one thing are alike. No source takes the place of another. */
export interface TallyKey {
  readonly source: string;
  readonly about: string;
}

interface Counted {
  last: TalliedEntry;
  /** Not recorded yet. */
  count: number;
}

/** Of one source. */
interface Counts {
  readonly alike: Map<string, Counted>;
  others: Counted | undefined;
}

/** Of one kind of records. */
interface Sources {
  readonly known: Map<string, Counts>;
  /** Different ones of all sources. */
  size: number;
  others: Counted | undefined;
}

export function createTally(recorder: Pick<Recorder, 'add' | 'admits'>, clock: Clock): Tally {
  let kinds = new Map<string, Sources>();
  let stopTimer: (() => void) | undefined;

  function tell(): void {
    stopTimer = undefined;
    // While nothing can be written it is only counted: that has a bound.
    if (!recorder.admits()) return void (stopTimer = clock.after(WINDOW, tell));
    tellAll();
  }

  function tellAll(): void {
    const counted = kinds;
    kinds = new Map();
    for (const { known, others } of counted.values()) {
      for (const [source, counts] of known) {
        for (const alike of counts.alike.values()) record(alike, alike.last.fields);
        record(counts.others, { ...whoOf(counts.others, source), result: 'refused', isMixed: true });
      }
      record(others, { result: 'refused', isMixed: true });
    }
  }

  function record(counted: Counted | undefined, fields: JsonObject): void {
    if (counted === undefined || counted.count === 0) return;
    recorder.add({ ...counted.last, fields: { ...fields, count: counted.count } });
  }

  return {
    add(of, entry) {
      stopTimer ??= clock.after(WINDOW, tell);
      const counted = placeOf(kinds, of, entry);
      const isFirst = counted.count === 0 && counted.last === entry;
      if (isFirst && recorder.admits()) recorder.add(entry);
      else counted.count += 1;
      // What a caller has sent is not kept for that long.
      counted.last = withoutValues(entry);
    },
    close() {
      stopTimer?.();
      tellAll();
    },
  };
}

/** Where it is counted: one whose `last` it is has been made for it, and has its own name. */
function placeOf(kinds: Map<string, Sources>, { source, about }: TallyKey, entry: TalliedEntry): Counted {
  const sources = kinds.get(entry.kind) ?? { known: new Map<string, Counts>(), size: 0, others: undefined };
  kinds.set(entry.kind, sources);
  let counts = sources.known.get(source);
  if (counts === undefined) {
    if (sources.known.size >= MOST_SOURCES) return (sources.others ??= unnamed(entry));
    counts = { alike: new Map(), others: undefined };
    sources.known.set(source, counts);
  }
  const known = counts.alike.get(about);
  if (known !== undefined) return known;
  if (counts.alike.size >= MOST_ALIKE || sources.size >= MOST_IN_ALL) return (counts.others ??= unnamed(entry));
  sources.size += 1;
  const fresh = { last: entry, count: 0 };
  counts.alike.set(about, fresh);
  return fresh;
}

function unnamed(entry: TalliedEntry): Counted {
  return { last: withoutValues(entry), count: 0 };
}

function withoutValues({ kind, time, id, fields }: TalliedEntry): TalliedEntry {
  return { kind, time, id, fields };
}

/** Of several that are counted as one: whose they are. */
function whoOf(counted: Counted | undefined, source: string): JsonObject {
  return counted?.last.kind === 'access' ? { address: source } : { consumer: source };
}
