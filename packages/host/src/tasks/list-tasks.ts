import { Payload } from '@hostler/kernel';
import type { Exchange, Outcome } from '@hostler/kernel';
import { editObject, hasMethod, memberBytes, protocolErrors } from '@hostler/protocol';
import type { HostParts } from '../host-parts.ts';
import { memberValue } from '../member-value.ts';
import { badParameter, optionalText } from '../parameters.ts';
import { RoutedExchange } from '@hostler/upstream';
import { hasTasks, offers } from './task-support.ts';

interface Place {
  readonly server: string;
  /** Of that server; undefined for its first page. */
  readonly cursor: string | undefined;
}

/**
 * The tasks of all servers, page by page of each in turn; the cursor says where to go on. A server that fails is left
 * out: its tasks can still be asked for by their ids.
 */
export async function listTasks(parts: HostParts, exchange: Exchange): Promise<Outcome> {
  const servers = parts.pool
    .states()
    .filter(({ name }) => parts.views.hasServer(exchange, name))
    .flatMap(({ name, status, phase }) => (status === 'up' && phase !== 'closed' ? [name] : []));
  let place: Place | undefined = startOf(servers, optionalText(exchange.request.params, 'cursor'));
  if (place === undefined && servers.length > 0) throw badParameter('cursor');
  let anyLists = false;
  while (place !== undefined) {
    const { server }: Place = place;
    // oxlint-disable-next-line no-await-in-loop -- the next server is asked only when this one has nothing
    const page = await readPage(parts, exchange, place);
    anyLists ||= page !== undefined;
    const next: Place | undefined =
      page?.cursor === undefined ? after(servers, server) : { server, cursor: page.cursor };
    if (page !== undefined && (!page.isEmpty || next === undefined)) return toOutcome(page.result, next);
    place = next;
  }
  if (!anyLists) throw protocolErrors.METHOD_NOT_FOUND({ details: { method: exchange.request.method } });
  return toOutcome(Buffer.from('{"tasks":[]}'), undefined);
}

interface Page {
  readonly result: Uint8Array;
  readonly isEmpty: boolean;
  readonly cursor: string | undefined;
}

/** Undefined when the server lists no tasks to this client. */
async function readPage({ pool, log }: HostParts, exchange: Exchange, place: Place): Promise<Page | undefined> {
  const { server, cursor } = place;
  try {
    const connection = await pool.connection(server, exchange);
    if (
      !hasMethod(connection.era, 'tasks/list') ||
      !hasTasks(connection.server) ||
      !offers(connection.server, 'list')
    ) {
      return undefined;
    }
    const { params } = exchange.request;
    const { cursor: _, ...others } = params;
    const request = { method: 'tasks/list', params: cursor === undefined ? others : { ...others, cursor } };
    const { kind, payload } = await connection.request(new RoutedExchange(exchange, request));
    return kind === 'result' ? toPage(payload.bytes()) : undefined;
  } catch (error) {
    exchange.signal.throwIfAborted();
    log.debug({ server, error }, 'left out of the list of tasks');
    return undefined;
  }
}

function toPage(result: Uint8Array): Page {
  const tasks = memberBytes(result, 'tasks');
  const cursor = memberValue(result, 'nextCursor');
  return {
    result,
    isEmpty: tasks === undefined || /^\[\s*\]$/.test(Buffer.from(tasks.subarray(0, 16)).toString('latin1')),
    ...(typeof cursor === 'string' ? { cursor } : { cursor: undefined }),
  };
}

function toOutcome(result: Uint8Array, next: Place | undefined): Outcome {
  const edit =
    next === undefined ? { remove: ['nextCursor'] } : { set: { nextCursor: JSON.stringify(cursorOf(next)) } };
  return { kind: 'result', era: 'legacy', payload: Payload.ofBytes(editObject(result, edit)) };
}

/** The server, and its own cursor behind a dot when there is one. */
function cursorOf({ server, cursor }: Place): string {
  return cursor === undefined ? server : `${server}.${Buffer.from(cursor).toString('base64url')}`;
}

/** Undefined for a cursor that was not given here, or whose server is gone. */
function startOf(servers: readonly string[], text: string | undefined): Place | undefined {
  if (text === undefined) return servers[0] === undefined ? undefined : { server: servers[0], cursor: undefined };
  const dot = text.indexOf('.');
  const server = dot === -1 ? text : text.slice(0, dot);
  if (!servers.includes(server)) return undefined;
  return { server, cursor: dot === -1 ? undefined : Buffer.from(text.slice(dot + 1), 'base64url').toString('utf8') };
}

function after(servers: readonly string[], server: string): Place | undefined {
  const next = servers[servers.indexOf(server) + 1];
  return next === undefined ? undefined : { server: next, cursor: undefined };
}
