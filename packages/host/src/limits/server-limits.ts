import type { Exchange, RateSpec } from '@hostler/kernel';
import type { Pool } from '@hostler/upstream';
import { countCall, Meter } from './meter.ts';
import type { Counting } from './meter.ts';
import { ToolMeters } from './tool-meters.ts';

/** Where a call leads. */
export interface CallTarget {
  readonly server: string;
  /** As the server offers it; absent: it is about no tool. */
  readonly tool?: string | undefined;
}

interface ServerMeters {
  readonly spec: RateSpec;
  readonly calls: readonly Meter[];
  readonly tools: ToolMeters;
}

/** What the servers are given at most, over all consumers: as their specs say. */
export class ServerLimits {
  readonly #pool: Pick<Pool, 'spec'>;
  readonly #counting: Counting;
  readonly #meters = new Map<string, ServerMeters>();

  constructor(pool: Pick<Pool, 'spec'>, counting: Counting) {
    this.#pool = pool;
    this.#counting = counting;
  }

  /**
   * Counts a call against the rates of its server, and its tool there, and against others as well. Without a promise
   * unless others count as well.
   * @throws and rejects with LIMIT_EXCEEDED, LIMIT_STORE_AWAY: then nothing was counted
   */
  count(target: CallTarget, call: Pick<Exchange, 'counted'>, others?: readonly Meter[]): void | Promise<void> {
    const spec = this.#pool.spec(target.server)?.rates;
    if (spec === undefined) {
      return others === undefined || others.length === 0 ? undefined : countCall(this.#counting, others, call);
    }
    const { calls, tools } = this.#metersOf(target.server, spec);
    const ofTool = target.tool === undefined ? [] : tools.of(target.server, target.tool);
    return countCall(this.#counting, [...(others ?? []), ...calls, ...ofTool], call);
  }

  /** It is there no more. */
  forget(server: string): void {
    this.#meters.delete(server);
  }

  #metersOf(server: string, spec: RateSpec): ServerMeters {
    const known = this.#meters.get(server);
    if (known?.spec === spec) return known;
    const meters = {
      spec,
      calls: this.#callsOf(server, spec, known),
      tools: known?.tools ?? this.#toolsOf(server),
    };
    meters.tools.change(spec.tools);
    this.#meters.set(server, meters);
    return meters;
  }

  #callsOf(server: string, { calls }: RateSpec, known: ServerMeters | undefined): readonly Meter[] {
    if (calls === undefined) return [];
    const [meter] = known?.calls ?? [];
    if (meter === undefined)
      return [new Meter({ name: 'server', key: `server/${server}`, rate: calls }, this.#counting)];
    meter.change(calls, this.#counting.clock.now());
    return [meter];
  }

  #toolsOf(server: string): ToolMeters {
    return new ToolMeters({ name: 'tool', prefix: `server/${server}/tools/`, counting: this.#counting }, undefined);
  }
}
