import { isJsonObject, Payload } from '@hostler/kernel';
import type { Exchange, JsonObject, McpRequest, Outcome } from '@hostler/kernel';
import { hasMethod, legacyTool, listKinds, protocolErrors } from '@hostler/protocol';
import type { ListName, ServerDescription } from '@hostler/protocol';
import { applyArgumentRules } from '@hostler/router';
import type { Candidate, OfferedGroup, Selection } from '@hostler/router';
import type { Connection, Pool } from '@hostler/upstream';
import type { GroupSpec } from '@hostler/kernel';
import { emptyOutcome, requestedLevel } from '../log-levels.ts';
import type { LogLevels } from '../log-levels.ts';
import { notFound, text } from '../parameters.ts';
import { RoutedExchange } from '../routed-exchange.ts';
import { listOf } from '../lists.ts';
import type { GroupOffers } from './group-offers.ts';
import { takeMember, withMember } from './member-state.ts';
import { tryMembers } from './try-members.ts';

export interface GroupConnectionOptions {
  readonly group: GroupSpec;
  readonly pool: Pool;
  readonly offers: GroupOffers;
  readonly selection: Selection;
  readonly logLevels: LogLevels;
  /** How the group appears; its era is that of the clients it is for. */
  readonly description: () => ServerDescription;
}

/** A group to its clients of one era: a server whose calls go to its members. */
export class GroupConnection implements Connection {
  readonly #options: GroupConnectionOptions;

  constructor(options: GroupConnectionOptions) {
    this.#options = options;
  }

  get era(): Connection['era'] {
    return this.server.era;
  }

  get server(): ServerDescription {
    return this.#options.description();
  }

  async request(exchange: Exchange): Promise<Outcome> {
    const { method } = exchange.request;
    if (method === 'logging/setLevel') return this.#setLevel(exchange);
    const offered = await this.#options.offers.current();
    const list = listOf(method);
    if (list !== undefined) return this.#list(offered, list);
    const target = targetOf(exchange.request);
    const retry = takeMember(exchange.request.params);
    const all = offered.candidates(target.kind, target.key);
    const candidates = retry === undefined ? this.#ordered(all, exchange) : only(all, retry.server);
    if (candidates.length === 0) return notFound(target.kind, { name: target.key });
    const request = retry === undefined ? exchange.request : { method, params: retry.params };
    return tryMembers({
      exchange,
      candidates,
      replayOf: (server) => this.#options.pool.spec(server)?.replay ?? 'safe',
      call: (candidate) => this.#call(exchange, candidate, request),
    });
  }

  /** What clients say outside of requests goes to the members by the pool. */
  notify(): void {}

  /** The members' connections are not the group's. */
  close(): Promise<void> {
    return Promise.resolve();
  }

  async #call(exchange: Exchange, { member, entry }: Candidate, request: McpRequest): Promise<Outcome> {
    const { pool, logLevels } = this.#options;
    const { server } = member;
    const routed = new RoutedExchange(exchange, entry === undefined ? request : underOwnName(request, entry));
    const connection = await pool.connection(server, routed);
    if (!hasMethod(connection.era, request.method)) {
      throw protocolErrors.METHOD_NOT_FOUND({ details: { method: request.method } });
    }
    const { logLevel, signal } = exchange;
    if (logLevel !== undefined) await logLevels.ensure(connection, server, logLevel, signal);
    return withMember(await connection.request(routed), server);
  }

  /** Those that are well come first, in the order of the strategy; the others are a last resort. */
  #ordered(candidates: readonly Candidate[], { client, consumer }: Exchange): readonly Candidate[] {
    const { group, pool, selection } = this.#options;
    const states = new Map(pool.states().map((state) => [state.name, state]));
    const isWell = ({ member }: Candidate): boolean => {
      const state = states.get(member.server);
      return state?.status === 'up' && state.phase !== 'degraded';
    };
    const bySelection = (some: readonly Candidate[]): readonly Candidate[] => {
      const members = some.map(({ member }) => member);
      const ranked = selection.order(group, members, client.session?.id ?? consumer.name);
      return ranked.map((member) => some[members.indexOf(member)] as Candidate);
    };
    const well = candidates.filter(isWell);
    return [...bySelection(well), ...candidates.filter((candidate) => !well.includes(candidate))];
  }

  #list(offered: OfferedGroup, list: ListName): Outcome {
    const { era } = this;
    const entries = offered.offered.entries[list];
    const texts = entries.map(({ bytes }) => {
      return Buffer.from(list === 'tool' && era === 'legacy' ? legacyTool(bytes) : bytes).toString();
    });
    const { member } = listKinds[list];
    const head = era === 'legacy' ? '{' : '{"resultType":"complete","ttlMs":0,"cacheScope":"private",';
    return { kind: 'result', era, payload: Payload.ofBytes(Buffer.from(`${head}"${member}":[${texts.join(',')}]}`)) };
  }

  async #setLevel(exchange: Exchange): Promise<Outcome> {
    const { group, pool, logLevels } = this.#options;
    const level = requestedLevel(exchange);
    await Promise.allSettled(
      group.members.map(async ({ server }) => {
        await logLevels.ensure(await pool.connection(server, exchange), server, level, exchange.signal);
      }),
    );
    return emptyOutcome;
  }
}

interface Target {
  readonly kind: ListName;
  readonly key: string;
}

/** What a request is about, under the name that the group has for it. @throws PROTOCOL_* */
function targetOf({ method, params }: McpRequest): Target {
  switch (method) {
    case 'tools/call':
      return { kind: 'tool', key: text(params, 'name') };
    case 'prompts/get':
      return { kind: 'prompt', key: text(params, 'name') };
    case 'resources/read':
      return { kind: 'resource', key: text(params, 'uri') };
    case 'completion/complete': {
      const ref = isJsonObject(params['ref']) ? params['ref'] : {};
      if (ref['type'] === 'ref/prompt') return { kind: 'prompt', key: text(ref, 'name') };
      return { kind: 'template', key: text(ref, 'uri') };
    }
    default:
      throw protocolErrors.METHOD_NOT_FOUND({ details: { method } });
  }
}

function only(candidates: readonly Candidate[], server: string): readonly Candidate[] {
  return candidates.filter(({ member }) => member.server === server);
}

function underOwnName({ method, params }: McpRequest, entry: NonNullable<Candidate['entry']>): McpRequest {
  if (method === 'completion/complete') {
    const ref = params['ref'] as JsonObject;
    const isPrompt = ref['type'] === 'ref/prompt';
    return { method, params: { ...params, ref: { ...ref, ...(isPrompt ? { name: entry.key } : {}) } } };
  }
  if (method === 'resources/read') return { method, params };
  const sent = params['arguments'];
  const args =
    entry.rules && (sent === undefined || isJsonObject(sent)) ? applyArgumentRules(entry.rules, sent ?? {}) : sent;
  return { method, params: { ...params, name: entry.key, ...(args !== undefined && { arguments: args }) } };
}
