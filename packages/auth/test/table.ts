import type { Consumer, Logger } from '@hostler/kernel';
import { Secret, secretErrors } from '@hostler/secrets';
import { DrivenClock } from '@hostler/test-kit';
import { createConsumerTable } from '../src/index.ts';
import type { ConsumerTable, RequestFacts } from '../src/index.ts';
import type { StandInIssuer } from './stand-in-issuer.ts';
import type { ConsumerSpec } from '../src/consumer-spec.ts';
import type { IssuerSpec, JwtIssuerSpec } from '../src/issuer-spec.ts';

export const signal: AbortSignal = new AbortController().signal;

interface LogLine {
  readonly level: string;
  readonly fields: object;
  readonly message: string;
}

export class LogBook implements Logger {
  readonly lines: LogLine[] = [];

  debug(fields: object, message: string): void {
    this.lines.push({ level: 'debug', fields, message });
  }

  info(fields: object, message: string): void {
    this.lines.push({ level: 'info', fields, message });
  }

  warn(fields: object, message: string): void {
    this.lines.push({ level: 'warn', fields, message });
  }

  error(fields: object, message: string): void {
    this.lines.push({ level: 'error', fields, message });
  }
}

export interface World {
  readonly table: ConsumerTable;
  readonly clock: DrivenClock;
  readonly log: LogBook;
  /** What secrets hold, by reference. */
  readonly held: Map<string, string>;
  /** Milliseconds since 1970. */
  readonly wall: { now: number };
  readonly fetched: string[];
  /** What the last identification came to: the consumer, or the code of the error. */
  readonly ask: (facts: RequestFacts) => Promise<Consumer | string>;
  readonly bearer: (text: string) => Promise<Consumer | string>;
}

export function consumer(name: string, rest: Partial<ConsumerSpec> = {}): ConsumerSpec {
  return { name, keys: [], tokens: [], ...rest };
}

export function issuerSpec(issuer: StandInIssuer, rest: Partial<JwtIssuerSpec> = {}): JwtIssuerSpec {
  return { name: 'main', issuer: issuer.url, audience: [issuer.audience], algorithms: ['RS256'], ...rest };
}

export function createWorld(
  consumers: readonly ConsumerSpec[],
  issuers: readonly IssuerSpec[] = [],
  former?: Pick<World, 'table' | 'clock'>,
): World {
  const clock = former?.clock ?? new DrivenClock();
  const log = new LogBook();
  const held = new Map<string, string>();
  const wall = { now: 1_800_000_000_000 };
  const fetched: string[] = [];
  const table = createConsumerTable({
    consumers,
    issuers,
    clock,
    log,
    former: former?.table,
    wallClock: () => wall.now,
    secrets: {
      async resolve(reference) {
        const text = held.get(reference);
        if (text === undefined) throw secretErrors.UNAVAILABLE({ details: { reference, problem: 'away' } });
        return new Secret(text, { reference });
      },
    },
    fetch: async (input, init) => {
      fetched.push(input instanceof Request ? input.url : String(input));
      return await fetch(input, init);
    },
  });
  const ask = async (facts: RequestFacts): Promise<Consumer | string> => {
    try {
      return await table.identify(facts, signal);
    } catch (error) {
      return (error as { readonly code: string }).code;
    }
  };
  return { table, clock, log, held, wall, fetched, ask, bearer: (text) => ask({ authorization: `Bearer ${text}` }) };
}
