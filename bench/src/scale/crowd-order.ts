/** What the process with the clients is told to do, one JSON line each; it answers each with one. */
export type Order =
  /** Opens sessions, of all consumers in turn. */
  | { readonly do: 'open'; readonly sessions: number }
  /** Ends them. */
  | { readonly do: 'end' }
  /** Calls, over this many of the sessions in turn, and over the servers that each may use. */
  | { readonly do: 'call'; readonly sessions: number; readonly inFlight: number; readonly seconds: number }
  /** Walks all pages of the tools, so often, as the consumer that sees everything. */
  | { readonly do: 'walk'; readonly times: number }
  /** The first page, once for each of that many consumers. */
  | { readonly do: 'views'; readonly consumers: number };

export interface Times {
  readonly p50: number;
  readonly p99: number;
  readonly max: number;
}

export interface Called {
  readonly calls: number;
  readonly seconds: number;
  readonly times: Times;
}

export interface Walked {
  readonly pages: number;
  readonly tools: number;
  readonly bytes: number;
  /** Of one page. */
  readonly page: Times;
  /** Of all pages, one after the other. */
  readonly walk: Times;
}

/** Of milliseconds. */
export function timesOf(values: readonly number[]): Times {
  const sorted = values.toSorted((one, other) => one - other);
  const at = (share: number): number => sorted[Math.floor((sorted.length - 1) * share)] ?? Number.NaN;
  return { p50: at(0.5), p99: at(0.99), max: sorted.at(-1) ?? Number.NaN };
}
