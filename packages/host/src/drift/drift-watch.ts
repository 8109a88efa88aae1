import type { DriftGrade, Era, Logger, View } from '@hostler/kernel';
import type { ServerDescription } from '@hostler/protocol';
import { definitionDrift, gradeDrift, LOCKED_KINDS, lockServer, withoutSuspicious } from '@hostler/router';
import type { DefinitionLists, Drift, DriftOf, LockedServer, OfferedServer, SuspiciousPolicy } from '@hostler/router';
import type { Pool } from '@hostler/upstream';
import { defaultTrust } from './definition-trust.ts';
import type { DefinitionTrust } from './definition-trust.ts';
import { DriftGuards } from './drift-guards.ts';
import { DriftLog } from './drift-log.ts';
import type { RecordDrift } from './drift-log.ts';
import type { Hidden } from './hidden-by.ts';
import { withInstructions } from './with-instructions.ts';

export interface DriftWatchOptions {
  readonly trust?: DefinitionTrust | undefined;
  readonly pool: Pick<Pool, 'spec' | 'states'>;
  readonly log: Logger;
  /** Beside the log. */
  readonly record?: RecordDrift | undefined;
  readonly groupOf: (server: string) => string | undefined;
  /** Other servers are hidden from some than before. */
  readonly onHidden: () => void;
  /** Of what a group offers something else differs than before. */
  readonly onGroup: () => void;
}

interface Graded {
  readonly drifts: readonly Drift[];
  readonly of: DriftOf;
}

/** What differs of what a group offers. */
interface GroupDrift {
  readonly of: DriftOf;
  /** The same for the same. */
  readonly text: string;
}

/** Compares what servers are and offer with what was approved of them, and keeps away what nobody has approved. */
export class DriftWatch {
  readonly #options: DriftWatchOptions;
  readonly #log: DriftLog;
  readonly #guards: DriftGuards;
  #trust: DefinitionTrust;
  /** What each server offers, by the connections that it was read over. */
  readonly #lists = new Map<string, Map<string, DefinitionLists>>();
  #graded = new WeakMap<DefinitionLists, Graded>();
  /** By name and era. */
  readonly #groups = new Map<string, GroupDrift>();

  constructor(options: DriftWatchOptions) {
    this.#options = options;
    this.#log = new DriftLog(options.log, options.record);
    this.#guards = new DriftGuards({ groupOf: options.groupOf, drifts: () => this.drifts() });
    this.#trust = options.trust ?? defaultTrust;
  }

  get suspicious(): SuspiciousPolicy {
    return this.#trust.suspicious;
  }

  /** @returns whether somebody sees other things from now on */
  trust(trust: DefinitionTrust): boolean {
    const wasOff = this.#trust.approved === undefined;
    const hasOther = this.#trust.suspicious !== trust.suspicious;
    this.#trust = trust;
    this.#graded = new WeakMap();
    const isChanged = this.#compare(({ signature }) => signature);
    return isChanged || hasOther || wasOff !== (trust.approved === undefined);
  }

  /** The same view without what its policy hides now; the view itself while nothing is compared. */
  guard(view: View): View {
    const { drift } = view;
    if (drift === undefined || this.#trust.approved === undefined) return view;
    return this.#guards.guard(view, drift);
  }

  /** In what the definitions of these lists differ; undefined while nothing is compared. */
  driftOf(server: string, lists: DefinitionLists, era: Era): DriftOf | undefined {
    if (this.#trust.approved === undefined) return undefined;
    const isGroup = this.#options.pool.spec(server) === undefined;
    return (isGroup ? this.#groups.get(`${server} ${era}`)?.of : undefined) ?? this.#grade(server, lists).of;
  }

  /** What a group's members offer together is read as lists of a server, in which it does not stand what differs. */
  noteGroup({ server, entries }: OfferedServer, era: Era): void {
    const differing = new Map<string, readonly DriftGrade[]>();
    for (const kind of LOCKED_KINDS) {
      for (const { key, drift } of entries[kind]) if (drift !== undefined) differing.set(`${kind} ${key}`, drift);
    }
    const text = JSON.stringify([...differing]);
    const name = `${server} ${era}`;
    if (this.#groups.get(name)?.text === text) return;
    this.#groups.set(name, { text, of: (kind, key) => differing.get(`${kind} ${key}`) });
    this.#options.onGroup();
  }

  /** A server offers this, over the connections of that name. */
  observe(server: string, source: string, lists: DefinitionLists): void {
    // A group is as its members are.
    if (this.#options.pool.spec(server) === undefined) return;
    const sources = this.#lists.get(server) ?? new Map<string, DefinitionLists>();
    // The latest ones: of callers with credentials of their own there may be many.
    sources.delete(source);
    this.#lists.set(server, sources.set(source, lists));
    const [oldest] = sources.keys();
    if (sources.size > MOST_SOURCES && oldest !== undefined) sources.delete(oldest);
    this.#look();
  }

  /** The connections of that name are gone. */
  endSource(source: string): void {
    let isChanged = false;
    for (const sources of this.#lists.values()) isChanged = sources.delete(source) || isChanged;
    if (isChanged) this.#look();
  }

  /** A server has come, gone or become another. */
  onState(server: string): void {
    if (this.#options.pool.spec(server) === undefined) this.#lists.delete(server);
    this.#look();
  }

  /** Everything that is known to differ. */
  drifts(): readonly Drift[] {
    if (this.#trust.approved === undefined) return [];
    const found = new Map<string, Drift>();
    for (const { name } of this.#options.pool.states()) {
      for (const drift of this.#serverDrifts(name)) found.set(keyOf(drift), drift);
      for (const lists of this.#lists.get(name)?.values() ?? []) {
        for (const drift of this.#grade(name, lists).drifts) found.set(keyOf(drift), drift);
      }
    }
    return [...found.values()];
  }

  /** The servers that are up and whose lists were read, as they would stand in the lockfile: as all of this era see them. */
  observed(era: Era): ReadonlyMap<string, LockedServer> {
    const { pool, groupOf } = this.#options;
    const servers = pool.states().flatMap(({ name, status, server }): [string, LockedServer][] => {
      const spec = pool.spec(name);
      const sources = this.#lists.get(name);
      // What some connections of one session or caller show is approved only where nothing else is known.
      const [any] = sources?.values() ?? [];
      const lists = sources?.get(era) ?? sources?.get(`${groupOf(name)} ${era}`) ?? any;
      if (status !== 'up' || spec === undefined || lists === undefined) return [];
      return [[name, lockServer({ source: this.#trust.sourceOf(spec), instructions: server?.instructions, lists })]];
    });
    return new Map(servers);
  }

  /** What a server, or a group, says of itself, without what this view hides of it. */
  described(server: string, description: ServerDescription, view: View): ServerDescription {
    const { instructions } = description;
    if (instructions === undefined) return description;
    const { wording = 'warn' } = view.drift ?? {};
    if (wording !== 'warn' && this.#hasOtherInstructions(server, instructions)) {
      return withInstructions(description, undefined);
    }
    if (this.suspicious === 'flag') return description;
    const plain = withoutSuspicious(instructions);
    if (plain === instructions) return description;
    return withInstructions(description, this.suspicious === 'hide' ? undefined : plain);
  }

  #hasOtherInstructions(server: string, instructions: string): boolean {
    const { pool, groupOf } = this.#options;
    if (this.#trust.approved === undefined) return false;
    // A server may tell one client something else than it tells all others.
    if (pool.spec(server) !== undefined) return this.#approved(server)?.instructions !== instructions;
    return pool
      .states()
      .filter(({ name }) => groupOf(name) === server)
      .some(({ name }) => this.#serverDrifts(name).some(({ grade }) => grade === 'wording'));
  }

  /** What it is, and what it says of itself. */
  #serverDrifts(name: string): readonly Drift[] {
    const { pool } = this.#options;
    const spec = pool.spec(name);
    if (spec === undefined) return [];
    const approved = this.#approved(name);
    const description = pool.states().find((state) => state.name === name)?.server;
    // While it is not up nobody knows.
    const instructions = description === undefined ? approved?.instructions : description.instructions;
    const now = { source: this.#trust.sourceOf(spec), ...(instructions !== undefined && { instructions }) };
    const bare = { tool: {}, prompt: {}, template: {} };
    return gradeDrift(name, approved && { ...approved, ...bare }, { ...now, ...bare });
  }

  #grade(server: string, lists: DefinitionLists): Graded {
    const known = this.#graded.get(lists);
    if (known) return known;
    const approved = this.#approved(server);
    const now = lockServer({ source: {}, lists });
    const drifts = LOCKED_KINDS.flatMap((kind) => definitionDrift(server, kind, approved?.[kind] ?? {}, now[kind]));
    const grades = new Map<string, DriftGrade[]>();
    for (const { kind, key, grade } of drifts) {
      const own = grades.get(`${kind} ${key}`) ?? [];
      grades.set(`${kind} ${key}`, [...own, grade]);
    }
    const graded: Graded = { drifts, of: (kind, key) => grades.get(`${kind} ${key}`) };
    this.#graded.set(lists, graded);
    return graded;
  }

  #approved(server: string): LockedServer | undefined {
    const servers = this.#trust.approved?.servers ?? {};
    return Object.hasOwn(servers, server) ? servers[server] : undefined;
  }

  /** Clients hear of other lists from the catalogs; that a server is another one for some, from here. */
  #look(): void {
    if (this.#trust.approved === undefined) return;
    if (this.#compare(({ servers }) => [...servers].sort().join('\n'))) this.#options.onHidden();
  }

  #compare(tell: (hidden: Hidden) => string): boolean {
    const drifts = this.drifts();
    this.#log.tell(drifts);
    return this.#guards.compare(drifts, tell);
  }
}

/** Connections of one server that are looked at for the operator; what each client is shown is compared in any case. */
const MOST_SOURCES = 256;

function keyOf({ server, grade, kind, key, members }: Drift): string {
  return [server, grade, ...(kind === undefined ? members : [kind, key])].join('\n');
}
