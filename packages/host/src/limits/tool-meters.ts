import type { CallRate } from '@hostler/kernel';
import { compileGlob } from '@hostler/router';
import { Meter } from './meter.ts';
import type { Counting, MeterOptions } from './meter.ts';

export interface ToolMetersOptions {
  readonly name: MeterOptions['name'];
  /** Before the pattern, in the keys under which others count the same. */
  readonly prefix: string;
  readonly counting: Counting;
}

interface ToolMeter {
  readonly meter: Meter;
  readonly fits: (server: string, tool: string) => boolean;
}

/** The rates of tools by pattern: `name`, or `server/name` where it is not about one server. */
export class ToolMeters {
  readonly #options: ToolMetersOptions;
  #meters: ReadonlyMap<string, ToolMeter> = new Map();

  constructor(options: ToolMetersOptions, rates: Readonly<Record<string, CallRate>> | undefined) {
    this.#options = options;
    this.change(rates);
  }

  /** Those that this tool is among. */
  of(server: string, tool: string): Meter[] {
    const found: Meter[] = [];
    for (const { meter, fits } of this.#meters.values()) if (fits(server, tool)) found.push(meter);
    return found;
  }

  /** What was used up of a pattern that stays is kept. */
  change(rates: Readonly<Record<string, CallRate>> = {}): void {
    const { name, prefix, counting } = this.#options;
    const now = counting.clock.now();
    this.#meters = new Map(
      Object.entries(rates).map(([pattern, rate]) => {
        const known = this.#meters.get(pattern);
        known?.meter.change(rate, now);
        const meter = known?.meter ?? new Meter({ name, key: `${prefix}${pattern}`, rate }, counting);
        return [pattern, { meter, fits: known?.fits ?? fitting(pattern) }] as const;
      }),
    );
  }
}

/** Names of servers have no `/`; a pattern of one server alone has none, either. */
function fitting(pattern: string): ToolMeter['fits'] {
  const slash = pattern.indexOf('/');
  const name = compileGlob(pattern.slice(slash + 1));
  if (slash === -1) return (_, tool) => name.fits(tool);
  const server = compileGlob(pattern.slice(0, slash));
  return (of, tool) => server.fits(of) && name.fits(tool);
}
