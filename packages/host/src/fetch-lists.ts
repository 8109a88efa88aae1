import type { Client, Logger } from '@hostler/kernel';
import { listKinds } from '@hostler/protocol';
import type { ListName } from '@hostler/protocol';
import { readDefinitions, readNextCursor } from '@hostler/router';
import type { Definition, ServerLists } from '@hostler/router';
import type { Connection } from '@hostler/upstream';
import { createExchange } from './exchange.ts';

/** Bounds on the lists of one server. */
export interface ListLimits {
  readonly pages: number;
  readonly entries: number;
  /** Milliseconds for all the lists of one server. */
  readonly deadline: number;
}

export const defaultListLimits: ListLimits = { pages: 100, entries: 10_000, deadline: 30_000 };

export interface FetchListsOptions {
  readonly server: string;
  readonly connection: Connection;
  /** The client whose connection this is; absent for the shared one. */
  readonly client?: Client;
  readonly log: Logger;
  readonly limits: ListLimits;
}

/**
 * All pages of all the lists that a server has. A list that fails is logged and left empty: what the server does offer
 * stays reachable.
 */
export async function fetchLists(options: FetchListsOptions): Promise<ServerLists> {
  const signal = AbortSignal.timeout(options.limits.deadline);
  const [tool, prompt, resource, template] = await Promise.all([
    fetchList(options, 'tool', signal),
    fetchList(options, 'prompt', signal),
    fetchList(options, 'resource', signal),
    fetchList(options, 'template', signal),
  ]);
  return { server: options.server, lists: { tool, prompt, resource, template } };
}

async function fetchList(options: FetchListsOptions, name: ListName, signal: AbortSignal): Promise<Definition[]> {
  const kind = listKinds[name];
  const { connection, server, log, limits } = options;
  if (connection.server.capabilities[kind.capability] === undefined) return [];
  const definitions: Definition[] = [];
  try {
    let cursor: string | undefined;
    for (let page = 0; page < limits.pages; page++) {
      const result = await requestPage(options, kind.method, cursor, signal);
      if (result === undefined) return definitions;
      const read = readDefinitions(result, kind);
      if (read.unusable > 0)
        log.warn({ server, list: kind.method, unusable: read.unusable }, 'entries without a name were left out');
      definitions.push(...read.definitions);
      cursor = readNextCursor(result);
      if (cursor === undefined) return definitions.slice(0, limits.entries);
      if (definitions.length >= limits.entries) break;
    }
    log.warn(
      { server, list: kind.method, kept: limits.entries, pages: limits.pages },
      'the list is longer than its bound and was cut',
    );
  } catch (error) {
    log.warn({ server, list: kind.method, error }, 'the list could not be read');
  }
  return definitions.slice(0, limits.entries);
}

/** Undefined when the server has no such list after all. */
async function requestPage(
  { connection, server, client, log }: FetchListsOptions,
  method: string,
  cursor: string | undefined,
  signal: AbortSignal,
): Promise<Uint8Array | undefined> {
  const exchange = createExchange({
    method,
    params: cursor === undefined ? {} : { cursor },
    scope: { kind: 'server', name: server },
    consumer: { name: 'hostler' },
    signal,
    ...(client === undefined ? {} : { client }),
  });
  const outcome = await connection.request(exchange);
  if (outcome.kind === 'result') return outcome.payload.bytes();
  log.debug({ server, list: method, answer: outcome.payload.value() }, 'the server refused to list');
  return undefined;
}
