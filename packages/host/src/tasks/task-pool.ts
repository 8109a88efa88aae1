import type { Client, ClientSession, Consumer, Scope } from '@hostler/kernel';
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

/** A user whose session speaks the words of its client. Most calls never look at it. */
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
    return (this.#client ??= { ...this.#user.client, session: this.#named() });
  }

  #named(): ClientSession {
    const { server, names, mayHear } = this.#naming;
    const { consumer, scope } = this;
    // A session has one scope.
    const viewer: Viewer = { consumer, ...(scope && { scope }) };
    return namedSession(this.#session, wordsFor(server, viewer, names), () => mayHear(viewer, server));
  }
}

function namedSession(session: ClientSession, words: TaskWords, isHeard: () => boolean): ClientSession {
  return {
    id: session.id,
    notify(notification) {
      if (!isHeard()) return;
      const renamed = renamedNotification(notification, words.toClient);
      if (renamed !== undefined) session.notify(renamed);
    },
    async ask(request, signal) {
      if (!isHeard()) throw protocolErrors.METHOD_NOT_FOUND({ details: { method: request.method } });
      return answeredIn(words, await session.ask(renamedQuestion(request, words), signal));
    },
  };
}
