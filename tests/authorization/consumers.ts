import type { ConfigFile } from '@hostler/config';
import { newKey } from './guarded-host.ts';
import type { Settings } from './guarded-host.ts';
import type { Kind, Thing } from './things.ts';

type Rules = Pick<NonNullable<ConfigFile['consumers']>[string], 'servers' | 'allow' | 'deny' | 'bundles'>;

interface Example {
  readonly rules: Rules;
  /** What these rules mean, said once more and in another way. */
  readonly sees: (thing: Thing) => boolean;
  readonly bundles?: readonly string[];
}

const isBad = ({ name }: Thing): boolean => name === 'bad';
const isOf = (kinds: readonly Kind[], { kind }: Thing): boolean => kinds.includes(kind);

const EXAMPLES: Readonly<Record<string, Example>> = {
  full: { rules: {}, sees: () => true },
  'some-servers': { rules: { servers: ['one'] }, sees: ({ server }) => server === 'one' },
  denied: { rules: { deny: ['*/bad', 'resource:*/mem://**/bad**'] }, sees: (thing) => !isBad(thing) },
  patterns: {
    rules: {
      allow: ['tool:*/y?s', 'prompt:one/**', 'resource:two/mem://two/**'],
      deny: ['prompt:*/bad', 'resource:two/mem://two/bad*'],
    },
    sees(thing) {
      if (thing.kind === 'tool') return !isBad(thing);
      if (thing.kind === 'prompt') return thing.server === 'one' && !isBad(thing);
      return thing.server === 'two' && (thing.kind === 'template' || !isBad(thing));
    },
  },
  'each-server': {
    rules: { servers: { one: { allow: ['tool:bad', 'prompt:**'] }, two: { deny: ['tool:**', 'resource:**/bad**'] } } },
    sees(thing) {
      if (thing.server === 'one') return thing.kind === 'prompt' || (thing.kind === 'tool' && isBad(thing));
      return thing.kind === 'prompt' || (isOf(['resource', 'template'], thing) && !isBad(thing));
    },
  },
  'one-bundle': { rules: { bundles: ['pair'], deny: ['tool:one/yes'] }, sees: isNotYesOfOne, bundles: ['pair'] },
  nothing: { rules: { servers: [] }, sees: () => false },
  'nothing-allowed': { rules: { allow: [] }, sees: () => false },
};

function isNotYesOfOne({ kind, server, name }: Thing): boolean {
  return !(kind === 'tool' && server === 'one' && name === 'yes');
}

interface Bundle {
  readonly rules: NonNullable<ConfigFile['bundles']>[string];
  readonly shows: (thing: Thing) => boolean;
}

const BUNDLES: Readonly<Record<string, Bundle>> = {
  pair: {
    rules: { deny: ['tool:one/bad', 'prompt:two/**', 'resource:one/mem://one/yes**'] },
    shows(thing) {
      if (thing.kind === 'tool') return thing.server !== 'one' || !isBad(thing);
      if (thing.kind === 'prompt') return thing.server === 'one';
      return thing.server !== 'one' || isBad(thing);
    },
  },
  rest: { rules: { servers: ['two'] }, shows: ({ server }) => server === 'two' },
};

/** Through what a consumer looks: everything, one server, a bundle. */
export interface Place {
  readonly server?: string;
  readonly bundle?: string;
}

export const PLACES: readonly Place[] = [
  {},
  { server: 'one' },
  { server: 'two' },
  { bundle: 'pair' },
  { bundle: 'rest' },
];

export function pathOf({ server, bundle }: Place): string {
  if (server !== undefined) return `/servers/${server}`;
  return bundle === undefined ? '' : `/bundles/${bundle}`;
}

const keys = Object.fromEntries(Object.keys(EXAMPLES).map((name) => [name, newKey()]));

export const consumerNames: readonly string[] = Object.keys(EXAMPLES);

export const keyOfConsumer = (name: string): string => keys[name]?.key ?? '';

export const matrixSettings: Settings = {
  // Of thousands of requests that are served nothing needs to be told.
  log: { level: 'error' },
  bundles: Object.fromEntries(Object.entries(BUNDLES).map(([name, { rules }]) => [name, rules])),
  consumers: Object.fromEntries(
    Object.entries(EXAMPLES).map(([name, { rules }]) => [
      name,
      { ...rules, keys: keys[name] ? [keys[name].entry] : [] },
    ]),
  ),
};

/** Whether that place is there for a consumer at all: a server of which it sees nothing is, if it is its own by name. */
export function isOpenTo(consumer: string, { server, bundle }: Place): boolean {
  const { bundles, rules } = EXAMPLES[consumer] ?? { rules: { servers: [] } };
  if (bundle !== undefined) return bundles?.includes(bundle) ?? true;
  if (server === undefined || rules.servers === undefined) return true;
  const names: readonly string[] = Array.isArray(rules.servers) ? rules.servers : Object.keys(rules.servers);
  return names.includes(server);
}

/** What the configuration means for one thing at one place. */
export function isFor(consumer: string, place: Place, thing: Thing): boolean {
  if (!isOpenTo(consumer, place)) return false;
  if (place.server !== undefined && place.server !== thing.server) return false;
  const shown = place.bundle === undefined || BUNDLES[place.bundle]?.shows(thing) === true;
  return shown && EXAMPLES[consumer]?.sees(thing) === true;
}
