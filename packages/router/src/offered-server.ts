import type { DefinitionOverride, DriftGrade, OfferSpec } from '@hostler/kernel';
import { editObject, JsonShapeError } from '@hostler/protocol';
import type { ListName } from '@hostler/protocol';
import { toArgumentRules } from './argument-rules.ts';
import type { ArgumentRules } from './argument-rules.ts';
import { KIND_WORDS, shown } from './conflict.ts';
import type { Conflict } from './conflict.ts';
import type { Definition, DefinitionLists } from './definition.ts';
import { checkDefinition } from './lock/check-definition.ts';
import type { SuspiciousPolicy } from './lock/suspicious-text.ts';
import { offerConflicts } from './offer-conflicts.ts';
import { objectMember, overriddenPrompt, overriddenTool } from './override.ts';
import { createFilter } from './pattern.ts';
import type { OfferFilter } from './pattern.ts';
import { publicName } from './public-name.ts';

/** Something that clients can reach under its public key, and where it lives. */
export interface CatalogEntry {
  readonly server: string;
  /** Its name, URI or template on that server. */
  readonly key: string;
  /** What the configuration calls it, without the server's name; absent: the same as on the server. */
  readonly name?: string;
  /** What clients call it. */
  readonly publicKey: string;
  /** Its definition as clients see it. */
  readonly bytes: Uint8Array;
  /** What is done with the arguments of a call. */
  readonly rules?: ArgumentRules;
  /** In what it differs from what was approved; absent: in nothing. */
  readonly drift?: readonly DriftGrade[];
}

export interface OfferOptions {
  /** The name in front of its tools and prompts. */
  readonly server: string;
  readonly lists: DefinitionLists;
  /** What of it is offered, and how; absent: all, as it is. */
  readonly offer?: OfferSpec | undefined;
  /** `own`: tools and prompts get no name in front. */
  readonly naming?: 'public' | 'own';
  /** Marks every definition: the server is not there to confirm it. */
  readonly isStale?: boolean;
  /** What happens to definitions with hidden characters; default `strip`. */
  readonly suspicious?: SuspiciousPolicy | undefined;
  /** In what a definition differs from what was approved; absent: nothing is compared. */
  readonly drift?: DriftOf | undefined;
}

/** Undefined where nothing differs. */
export type DriftOf = (kind: ListName, key: string) => readonly DriftGrade[] | undefined;

/** What one server puts into a catalog. */
export interface OfferedServer {
  readonly server: string;
  /** Resources and templates still have the server's own URIs as public keys. */
  readonly entries: Readonly<Record<ListName, readonly CatalogEntry[]>>;
  readonly filter: OfferFilter;
  /** Templates that a view does not show, though it may let through URIs that fit them. */
  readonly hiddenTemplates?: readonly string[];
  readonly conflicts: readonly Conflict[];
}

/** The member of `_meta` that marks a definition of a server that is not up. */
export const STALE_MARK = 'hostler/stale';

/** Applies what the configuration says to one server's lists. What it does not mention keeps every byte. */
export function offerServer(options: OfferOptions): OfferedServer {
  const { server, lists, offer = {} } = options;
  const filter = createFilter(offer);
  const conflicts = offerConflicts(server, lists, offer);
  const entriesOf = (kind: ListName): CatalogEntry[] =>
    distinct(server, kind, lists[kind], conflicts)
      .filter(({ key }) => filter.offers(kind, key))
      .flatMap((definition) => sound(options, kind, definition, conflicts))
      .flatMap((definition) => toEntries(options, kind, definition, conflicts));
  return {
    server,
    filter,
    entries: {
      tool: entriesOf('tool'),
      prompt: entriesOf('prompt'),
      resource: entriesOf('resource'),
      template: entriesOf('template'),
    },
    conflicts,
  };
}

const FOR_AUTHOR = 'This is for the author of the server.';

/** A definition that stands twice is served once. */
function distinct(
  server: string,
  kind: ListName,
  definitions: readonly Definition[],
  conflicts: Conflict[],
): readonly Definition[] {
  const seen = new Set<string>();
  return definitions.filter(({ key }) => {
    const isFirst = !seen.has(key);
    if (isFirst) seen.add(key);
    else {
      const message = `${server} lists the ${KIND_WORDS[kind]} ${shown(key)} more than once; the first is offered.`;
      conflicts.push({ problem: 'duplicate', server, kind, key, message, mend: FOR_AUTHOR });
    }
    return isFirst;
  });
}

/** What a model should not be told is left out, or the whole definition is. */
function sound(
  { server, suspicious = 'strip' }: OfferOptions,
  kind: ListName,
  definition: Definition,
  conflicts: Conflict[],
): readonly Definition[] {
  const { key } = definition;
  const { fault, bytes } = checkDefinition(definition, kind, suspicious);
  if (fault !== undefined) {
    const end =
      bytes === undefined ? '; it is not offered.' : bytes === definition.bytes ? '.' : '; they are left out.';
    const message = `The ${KIND_WORDS[kind]} ${shown(key)} of ${server} ${fault}${end}`;
    conflicts.push({ problem: 'suspicious', server, kind, key, message, mend: LOOK_CLOSER });
  }
  return bytes === undefined ? [] : [bytes === definition.bytes ? definition : { key, bytes }];
}

const LOOK_CLOSER = 'Ask the author of the server why, and do without the server until you know.';

/** A definition that cannot be changed as it has to be is not offered as it was: it would say what is not so. */
function toEntries(
  options: OfferOptions,
  kind: ListName,
  definition: Definition,
  conflicts: Conflict[],
): readonly CatalogEntry[] {
  try {
    return [toEntry(options, kind, definition)];
  } catch (thrown) {
    if (!(thrown instanceof JsonShapeError)) throw thrown;
    const { server } = options;
    const { key } = definition;
    const message = `The definition of the ${KIND_WORDS[kind]} ${shown(key)} of ${server} is broken; it is not offered.`;
    conflicts.push({ problem: 'definition-broken', server, kind, key, message, mend: FOR_AUTHOR });
    return [];
  }
}

function toEntry(
  { server, offer, naming, isStale, drift }: OfferOptions,
  kind: ListName,
  definition: Definition,
): CatalogEntry {
  const { key, bytes } = definition;
  const override = overrideOf(offer, kind, key);
  const rules = toArgumentRules(override?.arguments);
  const set: Record<string, string | Uint8Array> = changedMembers(kind, bytes, override, rules);
  const publicKey = publicKeyOf(kind, server, override?.name ?? key, naming);
  if (publicKey !== key) set['name'] = JSON.stringify(publicKey);
  if (isStale === true) set['_meta'] = editObject(objectMember(bytes, '_meta'), { set: { [STALE_MARK]: 'true' } });
  const isNamed = override?.name !== undefined && override.name !== key;
  const isChanged = Object.keys(set).length > 0;
  const grades = drift?.(kind, key);
  return {
    server,
    key,
    publicKey,
    bytes: isChanged ? editObject(bytes, { set }) : bytes,
    ...(isNamed && { name: override.name }),
    ...(rules !== undefined && { rules }),
    ...(grades !== undefined && { drift: grades }),
  };
}

function publicKeyOf(kind: ListName, server: string, name: string, naming: OfferOptions['naming']): string {
  if (kind === 'resource' || kind === 'template') return name;
  return naming === 'own' ? name : publicName(server, name);
}

function overrideOf(offer: OfferSpec | undefined, kind: ListName, key: string): DefinitionOverride | undefined {
  const overrides = kind === 'tool' ? offer?.tools : kind === 'prompt' ? offer?.prompts : undefined;
  return overrides !== undefined && Object.hasOwn(overrides, key) ? overrides[key] : undefined;
}

function changedMembers(
  kind: ListName,
  bytes: Uint8Array,
  override: DefinitionOverride | undefined,
  rules: ArgumentRules | undefined,
): Record<string, string | Uint8Array> {
  if (override === undefined) return {};
  return kind === 'tool' ? overriddenTool(bytes, override, rules) : overriddenPrompt(bytes, override, rules);
}
