import type { ConnectionUser, Pool } from '@hostler/upstream';
import { ownSession, sharedUser } from './catalog-user.ts';
import type { CatalogView } from './catalog-view.ts';
import { RecentMap } from './recent-map.ts';

/** Sets of credentials of which catalogs are kept. */
const MAX_PERSONAL = 1_000;

/** @param source tells its connections from those of the others */
export type CreateCatalogView = (user: ConnectionUser, sessionId: string | undefined, source: string) => CatalogView;

/** One catalog for each kind of client, made for the first of that kind. */
export class CatalogViews {
  readonly #pool: Pick<Pool, 'credentialsOf'>;
  readonly #create: CreateCatalogView;
  /** One for each era: all modern clients and the legacy ones that cannot be asked see what the shared connections show. */
  readonly #shared = new Map<string, CatalogView>();
  /** Where servers have other credentials for each caller, there is one for each set of them. */
  readonly #personal = new RecentMap<CatalogView>(MAX_PERSONAL);
  /** By session, then by session and credentials where these are each caller's own. */
  readonly #sessions = new Map<string, Map<string, CatalogView>>();

  constructor(pool: Pick<Pool, 'credentialsOf'>, create: CreateCatalogView) {
    this.#pool = pool;
    this.#create = create;
  }

  of(user: ConnectionUser): CatalogView {
    const { client, consumer } = user;
    const sessionId = ownSession(client);
    const credentials = this.#pool.credentialsOf(consumer);
    if (credentials !== '') return this.#personalView(user, sessionId, credentials);
    const views = sessionId === undefined ? this.#shared : this.#viewsOf(sessionId);
    const key = sessionId ?? client.era;
    const known = views.get(key);
    if (known) return known;
    const view = this.#create(sessionId === undefined ? sharedUser(client.era) : user, sessionId, key);
    views.set(key, view);
    return view;
  }

  all(): readonly CatalogView[] {
    const personal = this.#personal.entries().map(([, view]) => view);
    const own = [...this.#sessions.values()].flatMap((views) => [...views.values()]);
    return [...this.#shared.values(), ...personal, ...own];
  }

  ofSession(sessionId: string): readonly CatalogView[] {
    return [...(this.#sessions.get(sessionId)?.values() ?? [])];
  }

  /** @returns the sources of those that it had */
  endSession(sessionId: string): readonly string[] {
    const ended = [...(this.#sessions.get(sessionId)?.keys() ?? [])];
    this.#sessions.delete(sessionId);
    return ended;
  }

  #viewsOf(sessionId: string): Map<string, CatalogView> {
    const known = this.#sessions.get(sessionId);
    if (known !== undefined) return known;
    const made = new Map<string, CatalogView>();
    this.#sessions.set(sessionId, made);
    return made;
  }

  /** What one caller's credentials show is for those with the same: also in one session, whose caller may have others now. */
  #personalView({ client, consumer }: ConnectionUser, sessionId: string | undefined, credentials: string): CatalogView {
    const views = sessionId === undefined ? this.#personal : this.#viewsOf(sessionId);
    const key = `${sessionId ?? client.era} ${credentials}`;
    const user = { consumer, client: sessionId === undefined ? sharedUser(client.era).client : client };
    const known = views.get(key);
    if (known) {
      known.user = user;
      return known;
    }
    const view = this.#create(user, sessionId, key);
    views.set(key, view);
    return view;
  }
}
