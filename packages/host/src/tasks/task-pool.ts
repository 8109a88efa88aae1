import type {
  Client,
  ClientAnswer,
  ClientRequest,
  ClientSession,
  Consumer,
  Notification,
  Scope,
} from '@hostler/kernel';
import { protocolErrors } from '@hostler/protocol';
import type { Connection, ConnectionUser, Pool } from '@hostler/upstream';
import { TaskConnection } from './task-connection.ts';
import { answeredIn, renamedNotification, renamedQuestion } from './task-exchange.ts';
import type { TaskWords } from './task-exchange.ts';
import type { TaskNames } from './task-names.ts';
import { hasTasks } from './task-support.ts';
import type { Viewer } from '../views.ts';

/** Whether a consumer may hear what a server says. */
type MayHear = (viewer: Viewer, server: string) => boolean;

/**
 * The pool, with connections on which clients and servers with tasks each use their own names for them. Connections to
 * other servers are handed out as they are.
 */
export function withTaskNames(pool: Pool, names: TaskNames, mayHear: MayHear = () => true): Pool {
  const wrapped = new WeakMap<Connection, Connection>();

  function over(name: string, connection: Connection): Connection {
    if (!hasTasks(connection.server)) return connection;
    const known = wrapped.get(connection);
    if (known) return known;
    const made = new TaskConnection(connection, name, names);
    wrapped.set(connection, made);
    return made;
  }

  /**
   * What a server says outside any call goes to the session that its connection serves, in the session's words. Made for
   * each call: to keep one for every session and server that have met would be 10 million objects for 10,000 sessions and 1,000 servers.
   */
  function userOf(name: string, user: ConnectionUser): ConnectionUser {
    const { client } = user;
    if (client.era !== 'legacy' || client.session === undefined || pool.spec(name) === undefined) return user;
    return new NamedUser(user, client.session, { server: name, names, mayHear });
  }

  return {
    start: () => pool.start(),
    states: () => pool.states(),
    names: () => pool.names(),
    state: (name) => pool.state(name),
    spec: (name) => pool.spec(name),
    runningSpecs: (name) => pool.runningSpecs(name),
    credentialsOf: (consumer) => pool.credentialsOf(consumer),
    connection(name, user) {
      const connection = pool.connection(name, userOf(name, user));
      return connection instanceof Promise ? connection.then((opened) => over(name, opened)) : over(name, connection);
    },
    source: (name, user) => pool.source(name, user),
    subscribe: (name, uri, user, onLost) => pool.subscribe(name, uri, userOf(name, user), onLost),
    notify: (sessionId, notification) => pool.notify(sessionId, notification),
    endSession: (sessionId) => pool.endSession(sessionId),
    add: (spec) => pool.add(spec),
    remove: (name, grace) => pool.remove(name, grace),
    replace: (spec, grace) => pool.replace(spec, grace),
    restart: (name, grace) => pool.restart(name, grace),
    renewSecrets: (name, grace, signal) => pool.renewSecrets(name, grace, signal),
    arrange: (order) => pool.arrange(order),
    onEvent: (listener) => pool.onEvent(listener),
    close: () => pool.close(),
  };
}

function wordsFor(server: string, viewer: Viewer, names: TaskNames): TaskWords {
  return {
    toClient: (taskId) => names.nameFor(viewer, { server, taskId }),
    toServer(id) {
      const place = names.find(viewer, id);
      return place?.server === server ? place.taskId : id;
    },
  };
}

interface Naming {
  readonly server: string;
  readonly names: TaskNames;
  readonly mayHear: MayHear;
}

/** A user whose session speaks the words of its client. It is made for each call, so its client is only when somebody looks. */
class NamedUser implements ConnectionUser {
  readonly consumer: Consumer;
  readonly request?: { readonly method: string };
  readonly scope?: Scope;
  readonly #user: ConnectionUser;
  readonly #session: ClientSession;
  readonly #naming: Naming;
  #client: Client | undefined;

  constructor(user: ConnectionUser, session: ClientSession, naming: Naming) {
    const { consumer, request, scope } = user;
    this.consumer = consumer;
    if (request !== undefined) this.request = request;
    if (scope !== undefined) this.scope = scope;
    this.#user = user;
    this.#session = session;
    this.#naming = naming;
  }

  get client(): Client {
    return (this.#client ??= this.#named());
  }

  #named(): Client {
    const { era, protocolVersion, info, capabilities } = this.#user.client;
    const { consumer, scope } = this;
    // It may live for as long as the client: no request is kept with it.
    const viewer: Viewer = scope === undefined ? { consumer } : { consumer, scope };
    const session = new NamedSession(this.#session, viewer, this.#naming);
    return info === undefined
      ? { era, protocolVersion, capabilities, session }
      : { era, protocolVersion, info, capabilities, session };
  }
}

/** The session of a client as a server knows it: the words are found when something is said. */
class NamedSession implements ClientSession {
  readonly id: string;
  readonly #inner: ClientSession;
  /** A session has one scope. */
  readonly #viewer: Viewer;
  readonly #naming: Naming;

  constructor(inner: ClientSession, viewer: Viewer, naming: Naming) {
    this.id = inner.id;
    this.#inner = inner;
    this.#viewer = viewer;
    this.#naming = naming;
  }

  notify(notification: Notification): void {
    if (!this.#isHeard()) return;
    const renamed = renamedNotification(notification, this.#words().toClient);
    if (renamed !== undefined) this.#inner.notify(renamed);
  }

  async ask(request: ClientRequest, signal: AbortSignal): Promise<ClientAnswer> {
    if (!this.#isHeard()) throw protocolErrors.METHOD_NOT_FOUND({ details: { method: request.method } });
    const words = this.#words();
    return answeredIn(words, await this.#inner.ask(renamedQuestion(request, words), signal));
  }

  #isHeard(): boolean {
    return this.#naming.mayHear(this.#viewer, this.#naming.server);
  }

  #words(): TaskWords {
    return wordsFor(this.#naming.server, this.#viewer, this.#naming.names);
  }
}
