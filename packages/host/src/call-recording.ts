import type { Exchange, Outcome } from '@hostler/kernel';
import { memberBytes, parseBytes } from '@hostler/protocol';
import type { CatalogEntry } from '@hostler/router';
import { RoutedExchange } from '@hostler/upstream';
import type { CallAudit, CallRecord } from './call-audit.ts';
import type { Route } from './route.ts';

type Forward = () => Promise<Outcome>;

/** Stands around the path of every request: begins its record, and sees to it that it ends. */
export class CallRecording {
  readonly #audit: CallAudit;
  /** Of definitions: looked at once. */
  readonly #reading = new WeakMap<CatalogEntry, boolean>();

  constructor(audit: CallAudit) {
    this.#audit = audit;
  }

  /** @throws AUDIT_UNAVAILABLE, and what the work throws */
  around(exchange: Exchange, work: (exchange: Exchange) => Promise<Outcome>): Promise<Outcome> {
    const record = this.#audit.begin(exchange);
    try {
      const outcome = work(new RecordedExchange(exchange, record));
      // What led to a server has ended its record by then.
      void outcome.then(undefined, (thrown: unknown) => record.failed(thrown));
      return outcome;
    } catch (thrown) {
      record.failed(thrown);
      throw thrown;
    }
  }

  /** Sends when it is written that it is about to be sent, as far as that is waited for. */
  async send(exchange: RecordedExchange, route: Route, forward: Forward): Promise<Outcome> {
    const { record } = exchange;
    const { server, request } = route;
    const written = record.intent({ server, request, mayChange: this.#mayChange(route) });
    if (written !== undefined) await written;
    const given = await forward();
    const isCall = request.method === 'tools/call';
    record.outcome(given, { isToolError: isCall && given.kind === 'result' && isToolError(given) });
    return given;
  }

  #mayChange({ request: { method }, entry }: Route): boolean {
    if (method !== 'tools/call') return CHANGING.has(method);
    return entry === undefined || !this.#isReading(entry);
  }

  #isReading(entry: CatalogEntry): boolean {
    const known = this.#reading.get(entry);
    if (known !== undefined) return known;
    const annotations = memberBytes(entry.bytes, 'annotations');
    const hint = annotations && isObject(annotations) ? memberBytes(annotations, 'readOnlyHint') : undefined;
    const isReading = hint !== undefined && parseBytes(hint) === true;
    this.#reading.set(entry, isReading);
    return isReading;
  }
}

/** Requests beside calls of tools by which something may be another thing afterwards. */
const CHANGING: ReadonlySet<string> = new Set(['tasks/cancel', 'tasks/update', 'logging/setLevel']);

/** A request that is written down. */
export class RecordedExchange extends RoutedExchange {
  readonly record: CallRecord;

  constructor(inner: Exchange, record: CallRecord) {
    super(inner, inner.request);
    this.record = record;
  }
}

const OPENING_BRACE = 0x7b;

function isObject(bytes: Uint8Array): boolean {
  return bytes[0] === OPENING_BRACE;
}

/** Whether the tool says that it has failed. Source: MCP 2025-11-25, server/tools, error handling. */
function isToolError({ payload, passed }: Outcome): boolean {
  if (passed !== undefined) return passed.isError;
  const bytes = payload.bytes();
  const view = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  // Its letters may be written as escapes, which a client reads all the same.
  if (!(view.includes('"isError"') || view.includes('\\u00')) || !isObject(bytes)) return false;
  const isError = memberBytes(bytes, 'isError');
  return isError !== undefined && parseBytes(isError) === true;
}
