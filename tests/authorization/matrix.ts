import { askedName, METHODS, outcomeOf, publicName } from './attempts.ts';
import type { Method, Outcome } from './attempts.ts';
import { isFor } from './consumers.ts';
import type { Place } from './consumers.ts';
import type { Era, Kind, Thing } from './things.ts';
import { KINDS, NO_NAME, NO_SERVER, THINGS } from './things.ts';

/** What the matrix needs of a way in. */
export interface Way {
  readonly name: string;
  readonly consumer: string;
  readonly place: Place;
  readonly era: Era;
  /** Names of what is shown; undefined where this way has no such list. */
  list(kind: Kind): Promise<readonly string[] | undefined>;
  /** Undefined where this way has no such method. */
  attempt(method: Method, name: string): Promise<{ readonly isDone: boolean; readonly text: string } | undefined>;
}

interface Attempt {
  readonly thing: Thing;
  readonly method: Method;
}

/** Everything that can be tried through a way: all that there is, with every method of its kind. */
function attemptsOf({ place, era }: Way): readonly Attempt[] {
  const here = THINGS.filter(({ server }) => place.server === undefined || server === place.server);
  const methods = METHODS.filter((method) => method.era === undefined || method.era === era);
  return here.flatMap((thing) =>
    methods.filter(({ kind }) => kind === thing.kind).map((method) => ({ thing, method })),
  );
}

/**
 * What is not as the rules of the consumer say, in words, to be read where a test fails. First the lists, then what must
 * not reach a server, then what must.
 * @param uses how often something was used on a server
 */
export async function wrongOf(ways: readonly Way[], uses: () => Promise<number>): Promise<readonly string[]> {
  const all = async (check: (way: Way) => Promise<readonly string[]>): Promise<readonly string[]> =>
    (await Promise.all(ways.map(check))).flat();
  const listed = await all(wrongLists);
  const before = await uses();
  const refused = await all(wrongRefusals);
  const reached = (await uses()) - before;
  const strays = reached === 0 ? [] : [`${reached} requests for what is hidden have reached a server`];
  return [...listed, ...refused, ...strays, ...(await all(wrongCalls))];
}

/** What is listed that should not be, and what is not that should. */
async function wrongLists(way: Way): Promise<readonly string[]> {
  const found = await Promise.all(
    KINDS.map(async (kind) => {
      const listed = await way.list(kind);
      if (listed === undefined) return [];
      const expected = THINGS.filter((thing) => thing.kind === kind && isFor(way.consumer, way.place, thing));
      const [is, should] = [listed, expected.map((thing) => publicName(way.place, thing))].map((names) =>
        names.toSorted().join(' '),
      );
      return is === should ? [] : [`${way.name}: ${kind}s listed are [${is}], not [${should}]`];
    }),
  );
  return found.flat();
}

/** What is not there for the consumer: refused, and in the same bytes as what is not there at all. */
async function wrongRefusals(way: Way): Promise<readonly string[]> {
  const hidden = attemptsOf(way).filter(({ thing }) => !isFor(way.consumer, way.place, thing));
  const known = new Map<string, Promise<Outcome | undefined>>();
  const unknown = (method: Method, thing: Thing): Promise<Outcome | undefined> => {
    const name = askedName(way.place, thing, method);
    const place = `${METHODS.indexOf(method)} ${name}`;
    const answer = known.get(place) ?? outcome(way, method, name);
    known.set(place, answer);
    return answer;
  };
  const found = await Promise.all(
    hidden.map(async ({ thing, method }) => {
      const name = askedName(way.place, thing, method);
      const got = await outcome(way, method, name);
      if (got === undefined) return [];
      if (got.isDone) return [`${way.name}: ${method.method} ${name} was let through`];
      const others = [
        { ...thing, name: noName(way, thing) },
        { ...thing, server: NO_SERVER },
      ];
      const texts = await Promise.all(others.map(async (other) => (await unknown(method, other))?.text));
      return texts.flatMap((text) =>
        text === got.text
          ? []
          : [`${way.name}: ${method.method} ${name} says ${got.text}, and what is not there ${text}`],
      );
    }),
  );
  return found.flat();
}

/**
 * At the place of one server it is asked for every URI that the rules let through, as it may have more than it lists:
 * what is not there is compared with what is, as far as the rules hide both.
 */
function noName({ place }: Way, { kind, name }: Thing): string {
  const isUri = kind === 'resource' || kind === 'template';
  return isUri && place.server !== undefined ? `${name}${NO_NAME}` : NO_NAME;
}

/** What is there for the consumer: done. */
async function wrongCalls(way: Way): Promise<readonly string[]> {
  const shown = attemptsOf(way).filter(({ thing }) => isFor(way.consumer, way.place, thing));
  const found = await Promise.all(
    shown.map(async ({ thing, method }) => {
      const name = askedName(way.place, thing, method);
      const got = await outcome(way, method, name);
      return got === undefined || got.isDone ? [] : [`${way.name}: ${method.method} ${name} was refused: ${got.text}`];
    }),
  );
  return found.flat();
}

async function outcome(way: Way, method: Method, name: string): Promise<Outcome | undefined> {
  const got = await way.attempt(method, name);
  return got && outcomeOf(got.isDone, got.text, name);
}
