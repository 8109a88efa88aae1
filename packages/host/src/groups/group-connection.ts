import { isJsonObject, Payload } from '@hostler/kernel';
import type { Exchange, JsonObject, McpRequest, Outcome } from '@hostler/kernel';
import { editObject, hasMethod, legacyTool, listKinds, memberBytes, protocolErrors } from '@hostler/protocol';
import type { ListName, ServerDescription } from '@hostler/protocol';
import { applyArgumentRules, STALE_MARK } from '@hostler/router';
import type { Candidate, OfferedGroup, Selection } from '@hostler/router';
import type { Connection, Pool } from '@hostler/upstream';
import type { GroupSpec } from '@hostler/kernel';
import { emptyOutcome, requestedLevel } from '../log-levels.ts';
import type { ServerLimits } from '../limits/server-limits.ts';
import type { LogLevels } from '../log-levels.ts';
import { notFound, text } from '../parameters.ts';
import { RoutedExchange } from '@hostler/upstream';
import { listOf } from '../lists.ts';
import { byHealth } from './by-health.ts';
import type { GroupOffers } from './group-offers.ts';
import { takeMember, withMember } from './member-state.ts';
import { tryMembers } from './try-members.ts';

export interface GroupConnectionOptions {
  readonly group: GroupSpec;
  readonly pool: Pool;
  readonly offers: GroupOffers;
  readonly selection: Selection;
  readonly logLevels: LogLevels;
  /** Of the members. */
  readonly serverLimits: ServerLimits;
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
    const { offers } = this.#options;
    const list = listOf(method);
    if (list !== undefined) return this.#list(await offers.current(), list);
    const target = targetOf(exchange.request);
    const retry = takeMember(exchange.request.params);
    const found = await offers.candidates(target.kind, target.key, retry?.server);
    const candidates = retry === undefined ? this.#ordered(found, exchange) : found;
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
    const { pool, logLevels, serverLimits } = this.#options;
    const { server } = member;
    const tool = request.method === 'tools/call' ? (entry?.name ?? entry?.key) : undefined;
    await serverLimits.count({ server, tool }, exchange);
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
    const bySelection = (some: readonly Candidate[]): readonly Candidate[] => {
      const members = some.map(({ member }) => member);
      const ranked = selection.order(group, members, client.session?.id ?? consumer.name);
      return ranked.map((member) => some[members.indexOf(member)] as Candidate);
    };
    const { well, others } = byHealth(candidates, pool.states());
    return [...bySelection(well), ...others];
  }

  #list(offered: OfferedGroup, list: ListName): Outcome {
    const { era } = this;
    const states = this.#options.pool.states();
    const isUp = ({ member }: Candidate): boolean =>
      states.some(({ name, status }) => name === member.server && status === 'up');
    const texts = offered.offered.entries[list].map(({ key, bytes }) => {
      const translated = list === 'tool' && era === 'legacy' ? legacyTool(bytes) : bytes;
      const confirmed = offered.candidates(list, key).some(isUp) ? translated : markStale(translated);
      return Buffer.from(confirmed).toString();
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

/** No member that has it is up. */
function markStale(definition: Uint8Array): Uint8Array {
  const meta = memberBytes(definition, '_meta') ?? EMPTY;
  return editObject(definition, { set: { _meta: editObject(meta, { set: { [STALE_MARK]: 'true' } }) } });
}

const EMPTY = Buffer.from('{}');

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
