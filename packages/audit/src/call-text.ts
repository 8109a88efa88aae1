import { isJsonObject } from '@hostler/kernel';
import type { Consumer, Era, Exchange, McpRequest, Scope } from '@hostler/kernel';
import { bounded, MAX_NAME } from './call-item.ts';
import type { CallItem } from './call-item.ts';
import { describeConsumer } from './describe-consumer.ts';
import type { Result } from './record.ts';
import { inOnePiece, KnownTexts } from './known-texts.ts';

/** What there is to say of an end. */
export interface CallEnd {
  readonly server: string;
  readonly item: CallItem | undefined;
  readonly result: Result;
  readonly code?: string | undefined;
  readonly mayHaveRun?: boolean | undefined;
  readonly answerBytes?: number | undefined;
  readonly microseconds: number;
}

/** Where a call leads. */
export interface CallPlace {
  readonly server: string;
  /** Of the configuration. */
  readonly generation: number;
  readonly secrets: readonly string[];
}

const MAX_METHOD = 128;

/**
 * Writes members of the records of calls as JSON, each with a comma before it. As objects that are serialised later they
 * cost 2 µs a call, and the collector has to copy what they hold until then.
 */
export class CallText {
  /** One object stands for a consumer as long as what it has proved is remembered. */
  readonly #consumers = new WeakMap<Consumer, string>();
  readonly #names = new KnownTexts((name) => member('consumer', name));
  readonly #entries = new KnownTexts((entry) => member('entry', entry));
  readonly #methods = new KnownTexts((method) => member('method', method));
  readonly #servers = new KnownTexts((server) => member('server', server));
  readonly #items: Readonly<Record<CallItem['item'], KnownTexts>> = {
    tool: new KnownTexts((name) => itemMembers('tool', name)),
    prompt: new KnownTexts((name) => itemMembers('prompt', name)),
    resource: new KnownTexts((name) => itemMembers('resource', name)),
  };

  /** Who asks for what, and how it came. */
  request(exchange: Exchange, request: McpRequest, item: CallItem | undefined): string {
    const { consumer, client, entry, scope } = exchange;
    return (
      this.#who(consumer) +
      (entry === undefined ? '' : this.#entries.of(entry)) +
      this.#methods.of(bounded(request.method, MAX_METHOD)) +
      ERAS[client.era] +
      scopeMember(scope) +
      optionalMember('trace', traceOf(exchange)) +
      this.#item(item)
    );
  }

  place({ server, generation, secrets }: CallPlace): string {
    const references = secrets.length === 0 ? '[]' : JSON.stringify(secrets);
    return `${this.#servers.of(server)},"generation":${generation},"secrets":${references}`;
  }

  end(consumer: string, { server, item, result, code, mayHaveRun, answerBytes, microseconds }: CallEnd): string {
    return (
      this.#names.of(consumer) +
      this.#servers.of(server) +
      this.#item(item) +
      RESULTS[result] +
      optionalMember('code', code) +
      (mayHaveRun === undefined ? '' : `,"mayHaveRun":${mayHaveRun}`) +
      (answerBytes === undefined ? '' : `,"answerBytes":${answerBytes}`) +
      `,"milliseconds":${thousandths(microseconds)}`
    );
  }

  #who(consumer: Consumer): string {
    const known = this.#consumers.get(consumer);
    if (known !== undefined) return known;
    const { proof, issuer, subject, credential } = describeConsumer(consumer);
    const written = inOnePiece(
      member('consumer', consumer.name) +
        optionalMember('proof', proof) +
        optionalMember('issuer', issuer) +
        optionalMember('subject', subject) +
        optionalMember('credential', credential),
    );
    this.#consumers.set(consumer, written);
    return written;
  }

  #item(item: CallItem | undefined): string {
    return item === undefined ? '' : this.#items[item.item].of(item.name);
  }
}

const ERAS: Readonly<Record<Era, string>> = { legacy: ',"era":"legacy"', modern: ',"era":"modern"' };

const RESULTS: Readonly<Record<Result, string>> = {
  ok: ',"result":"ok"',
  failed: ',"result":"failed"',
  refused: ',"result":"refused"',
  cancelled: ',"result":"cancelled"',
};

function member(name: string, value: string): string {
  return `,"${name}":${JSON.stringify(value)}`;
}

function optionalMember(name: string, value: string | undefined): string {
  return value === undefined ? '' : member(name, value);
}

function itemMembers(item: CallItem['item'], name: string): string {
  return `,"item":"${item}"${member('name', name)}`;
}

function scopeMember(scope: Scope): string {
  if (scope.kind === 'server') return member('scope', bounded(scope.name, MAX_NAME));
  return scope.bundle === undefined ? '' : member('bundle', bounded(scope.bundle, MAX_NAME));
}

/** As a number with three places: written by way of a fraction it takes 0.2 µs. @param count a whole number */
function thousandths(count: number): string {
  const rest = count % 1_000;
  return `${(count - rest) / 1_000}.${rest < 10 ? '00' : rest < 100 ? '0' : ''}${rest}`;
}

const TRACE_PARENT = /^[0-9a-f]{2}-([0-9a-f]{32})-[0-9a-f]{16}-[0-9a-f]{2}/;

/**
 * The trace that it is part of: its own word before that of whoever carried it. Source: W3C Trace Context, 3.2.2;
 * MCP 2026-07-28, basic (`_meta`).
 */
function traceOf({ request, traceParent }: Exchange): string | undefined {
  const { _meta: meta } = request.params;
  const parent = (isJsonObject(meta) ? meta['traceparent'] : undefined) ?? traceParent;
  return typeof parent === 'string' ? TRACE_PARENT.exec(parent)?.[1] : undefined;
}
