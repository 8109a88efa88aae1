import type { Client, Logger, Outcome } from '@hostler/kernel';
import { listKinds } from '@hostler/protocol';
import type { ListName } from '@hostler/protocol';
import { readDefinitions, readNextCursor } from '@hostler/router';
import type { Conflict, Definition } from '@hostler/router';
import type { Connection } from '@hostler/upstream';
import { createExchange } from './exchange.ts';
import { memberValue } from './member-value.ts';
import { NO_PROMISE, toFreshness } from './server-lists.ts';
import type { Freshness, ServerLists } from './server-lists.ts';

/** Bounds on the lists of one server. */
export interface ListLimits {
  readonly pages: number;
  readonly entries: number;
  /** Bytes of one definition. */
  readonly definitionBytes: number;
  /** Bytes of all definitions of one list. */
  readonly listBytes: number;
  /** Milliseconds for all the lists of one server. */
  readonly deadline: number;
}

export const defaultListLimits: ListLimits = {
  pages: 100,
  entries: 10_000,
  definitionBytes: 64 * 1024,
  listBytes: 32 * 1024 * 1024,
  deadline: 30_000,
};

export interface FetchListsOptions {
  readonly server: string;
  readonly connection: Connection;
  /** The client whose connection this is; absent for the shared one. */
  readonly client?: Client;
  readonly log: Logger;
  readonly limits: ListLimits;
}

/**
 * All pages of all the lists that a server has. A list that fails is logged and left empty: what else the server offers
 * stays reachable.
 */
export async function fetchLists(options: FetchListsOptions): Promise<ServerLists> {
  const signal = AbortSignal.timeout(options.limits.deadline);
  const read = async (kind: ListName): Promise<ReadList> => {
    const { capability } = listKinds[kind];
    if (options.connection.server.capabilities[capability] === undefined) return { definitions: [], conflicts: [] };
    return new ListReading(options, kind, signal).run();
  };
  const [tool, prompt, resource, template] = await Promise.all([
    read('tool'),
    read('prompt'),
    read('resource'),
    read('template'),
  ]);
  const all = { tool, prompt, resource, template };
  const entries = Object.entries(all) as [ListName, ReadList][];
  return {
    era: options.connection.era,
    lists: {
      tool: tool.definitions,
      prompt: prompt.definitions,
      resource: resource.definitions,
      template: template.definitions,
    },
    freshness: Object.fromEntries(entries.flatMap(([kind, { freshness }]) => (freshness ? [[kind, freshness]] : []))),
    conflicts: entries.flatMap(([, { conflicts }]) => conflicts),
    failed: entries.flatMap(([kind, { hasFailed }]) => (hasFailed === true ? [kind] : [])),
  };
}

interface ReadList {
  readonly definitions: readonly Definition[];
  readonly conflicts: readonly Conflict[];
  /** Absent when the server has no such list. */
  readonly freshness?: Freshness;
  readonly hasFailed?: boolean;
}

/** One list, page after page, until it ends or a bound is hit. */
class ListReading {
  readonly #options: FetchListsOptions;
  readonly #kind: ListName;
  readonly #signal: AbortSignal;
  readonly #definitions: Definition[] = [];
  readonly #conflicts: Conflict[] = [];
  #bytes = 0;
  #unusable = 0;
  #oversized = 0;
  #freshness: Freshness | undefined;

  constructor(options: FetchListsOptions, kind: ListName, signal: AbortSignal) {
    this.#options = options;
    this.#kind = kind;
    this.#signal = signal;
  }

  async run(): Promise<ReadList> {
    try {
      await this.#readPages();
    } catch (error) {
      const { log, server } = this.#options;
      log.warn({ server, list: listKinds[this.#kind].method, error }, 'the list could not be read');
      return { definitions: [], conflicts: [], hasFailed: true };
    }
    const { definitionBytes } = this.#options.limits;
    if (this.#unusable > 0) this.#cut(`${this.#unusable} of its entries are no valid definitions`);
    if (this.#oversized > 0)
      this.#cut(`${this.#oversized} of its definitions are longer than ${definitionBytes} bytes`);
    return {
      definitions: this.#definitions,
      conflicts: this.#conflicts,
      ...(this.#freshness && { freshness: this.#freshness }),
    };
  }

  async #readPages(): Promise<void> {
    const { pages } = this.#options.limits;
    const seen = new Set<string>();
    let cursor: string | undefined;
    for (let page = 0; page < pages; page++) {
      const outcome = await this.#request(cursor);
      if (outcome.kind === 'error') {
        if (page === 0 && codeOf(outcome) === METHOD_NOT_FOUND) return;
        throw new Error(`the server refused with the code ${String(codeOf(outcome))}`);
      }
      const bytes = outcome.payload.bytes();
      this.#freshness = leastOf(this.#freshness, outcome);
      if (!this.#take(bytes)) return;
      cursor = readNextCursor(bytes);
      if (cursor === undefined) return;
      if (seen.has(cursor)) return void this.#cut('its pages lead back to one that was read before');
      seen.add(cursor);
    }
    this.#cut(`it has more than ${pages} pages`);
  }

  /** @returns false when the list is full */
  #take(page: Uint8Array): boolean {
    const { entries, definitionBytes, listBytes } = this.#options.limits;
    const { definitions, unusable } = readDefinitions(page, listKinds[this.#kind]);
    this.#unusable += unusable;
    for (const definition of definitions) {
      const { length } = definition.bytes;
      if (length > definitionBytes) {
        this.#oversized += 1;
        continue;
      }
      if (this.#definitions.length >= entries) return this.#cut(`it has more than ${entries} entries`);
      if (this.#bytes + length > listBytes) return this.#cut(`it is longer than ${listBytes} bytes`);
      this.#bytes += length;
      // A copy: the page would be kept whole for as long as one definition of it is.
      this.#definitions.push({ key: definition.key, bytes: Buffer.from(definition.bytes) });
    }
    return true;
  }

  #cut(reason: string): false {
    const { server } = this.#options;
    const { method } = listKinds[this.#kind];
    this.#conflicts.push({
      problem: 'list-cut',
      server,
      kind: this.#kind,
      key: method,
      message: `The answer of ${server} to ${method} was cut: ${reason}.`,
      mend: 'This is for the author of the server. What was left out cannot be reached at /mcp.',
    });
    return false;
  }

  #request(cursor: string | undefined): Promise<Outcome> {
    const { connection, server, client } = this.#options;
    return connection.request(
      createExchange({
        method: listKinds[this.#kind].method,
        params: cursor === undefined ? {} : { cursor },
        scope: { kind: 'server', name: server },
        consumer: { name: 'hostler' },
        signal: this.#signal,
        ...(client === undefined ? {} : { client }),
      }),
    );
  }
}

/** What every page promises. */
function leastOf(before: Freshness | undefined, { era, payload }: Outcome): Freshness {
  const page = era === 'legacy' ? NO_PROMISE : freshnessOf(payload.bytes());
  if (before === undefined) return page;
  return {
    ttlMs: Math.min(before.ttlMs, page.ttlMs),
    cacheScope: before.cacheScope === 'private' ? 'private' : page.cacheScope,
  };
}

function freshnessOf(result: Uint8Array): Freshness {
  return toFreshness({ ttlMs: memberValue(result, 'ttlMs'), cacheScope: memberValue(result, 'cacheScope') });
}

function codeOf({ payload }: Outcome): unknown {
  return memberValue(payload.bytes(), 'code');
}

/** JSON-RPC 2.0, section 5.1. */
const METHOD_NOT_FOUND = -32_601;
