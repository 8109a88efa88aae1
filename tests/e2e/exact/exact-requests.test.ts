import { isDeepStrictEqual } from 'node:util';
import { describe, expect, it } from 'vitest';
import { CALL_TEXTS, textOf } from './call-texts.ts';
import type { CallText } from './call-texts.ts';
import { digestOf, FOREIGN, MASK, metaOf, OWN, startExactHost } from './exact-host.ts';
import type { AuditLine, Got, Path } from './exact-host.ts';
import { createRandom, randomArguments } from './random-arguments.ts';
import { readStrictly } from './strict-json.ts';

const RANDOM_CALLS = 30;
const ANSWER =
  '{"jsonrpc":"2.0","id":@ID@,"result":{"resultType":"complete","content":[{"type":"text","text":"heard"}]}}';

/** One request, what came of it, and what its server got. */
interface Attempt {
  readonly path: Path;
  readonly text: CallText;
  readonly body: Buffer;
  readonly trace: string;
  readonly got: Got;
  readonly taken: readonly Uint8Array[];
}

describe.each(['refuse', 'mask'] as const)('arguments: %s', (treatment) => {
  it('a server gets what was recorded, decided on and searched, or nothing', { timeout: 120_000 }, async () => {
    await using host = await startExactHost(treatment);
    const attempts: Attempt[] = [];
    for (const [index, path] of host.paths.entries()) {
      path.reciter.say(Buffer.from(ANSWER));
      for (const text of [...CALL_TEXTS, ...randomTexts(index)]) {
        const body = Buffer.from(text.body({ tool: path.tool, meta: metaOf(path) }) as string);
        const trace = (attempts.length + 1).toString(16).padStart(32, '0');
        // oxlint-disable-next-line no-await-in-loop -- one after the other, to know which has reached the server
        const got = await host.send(path, body, trace);
        attempts.push({ path, text, body, trace, got, taken: path.reciter.taken() });
      }
    }
    const records = Map.groupBy(await host.records(), ({ trace }) => trace);
    const wrong = attempts.flatMap((attempt) => {
      const intents = (records.get(attempt.trace) ?? []).filter(({ phase }) => phase === 'intent');
      return checkAttempt(attempt, intents, treatment).map(
        (problem) => `${attempt.path.name}: ${attempt.text.name}: ${problem}`,
      );
    });
    expect(wrong).toEqual([]);
    // It would be easy to be right by refusing everything.
    for (const path of host.paths) {
      const own = attempts.filter((attempt) => attempt.path === path);
      expect(own.filter(({ taken }) => taken.length === 1).length).toBeGreaterThan(own.length / 3);
      expect(own.filter(({ taken }) => taken.length === 0).length).toBeGreaterThan(own.length / 5);
    }
  });
});

function randomTexts(seed: number): readonly CallText[] {
  const random = createRandom(seed);
  return Array.from({ length: RANDOM_CALLS }, () => {
    const text = randomArguments(random);
    return { name: text, body: (slots) => textOf(slots, text) };
  });
}

function checkAttempt(attempt: Attempt, intents: readonly AuditLine[], treatment: string): readonly string[] {
  const { got, taken } = attempt;
  const [raw, ...others] = taken;
  if (others.length > 0) return [`${taken.length} requests reached the server`];
  const isAnswered = got.message?.includes('"heard"') === true;
  if (raw === undefined) {
    return [...(isAnswered ? ['answered by nobody'] : []), ...(got.status < 500 ? [] : [`status ${got.status}`])];
  }
  if (!isAnswered) return [`the server got it, and the client got ${got.body.toString().slice(0, 200)}`];
  const [intent, ...more] = intents;
  if (intent === undefined || more.length > 0) return [`${intents.length} intents`];
  const given = argumentsIn(raw);
  return [
    ...againstBytes(raw),
    ...againstRules(given),
    ...againstRecord(attempt, intent, given),
    ...(treatment === 'refuse' && intent.digest !== digestOf(given) ? ['the digest of something else'] : []),
  ];
}

function argumentsIn(raw: Uint8Array): unknown {
  return (readStrictly(raw).value as Sent).params?.arguments;
}

function againstBytes(raw: Uint8Array): readonly string[] {
  const { value, twice, texts } = readStrictly(raw);
  const { method, params } = value as Sent;
  return [
    ...(twice.length === 0 ? [] : [`twice: ${twice.join(' ')}`]),
    ...(method === 'tools/call' && params?.name === 'echo' ? [] : [`${method} of ${params?.name}`]),
    ...(texts.some(holdsForeign) || holdsForeign(Buffer.from(raw).toString()) ? ['a secret of another server'] : []),
  ];
}

interface Sent {
  readonly method?: string;
  readonly params?: { readonly name?: string; readonly arguments?: unknown };
}

/** In any form that this test writes it in. */
function holdsForeign(text: string): boolean {
  const bytes = Buffer.from(FOREIGN);
  return [FOREIGN, bytes.toString('base64'), bytes.toString('hex')].some((form) => text.includes(form));
}

function againstRules(given: unknown): readonly string[] {
  if (typeof given !== 'object' || given === null || Array.isArray(given)) return ['arguments past their rules'];
  const { fixed } = given as { readonly fixed?: unknown };
  return [
    ...(fixed === 'pinned' ? [] : [`fixed is ${String(fixed)}`]),
    ...(Object.hasOwn(given, 'hidden') ? ['hidden is there'] : []),
    ...(Object.hasOwn(given, 'level') ? [] : ['level is missing']),
  ];
}

function againstRecord({ body }: Attempt, { values, digest }: AuditLine, given: unknown): readonly string[] {
  const recorded = withoutSecrets(values);
  const isMasked = !isDeepStrictEqual(given, withoutSecrets(given)) || JSON.stringify(given).includes(MASK);
  // Before the masks it is what the host read: the last of members that stood twice.
  const read = isMasked ? digestOf(asAsked(body)) : digestOf(given);
  return [
    ...(isDeepStrictEqual(recorded, withoutSecrets(given)) ? [] : [`recorded as ${JSON.stringify(values)}`]),
    ...(JSON.stringify(values ?? null).includes(OWN) ? ['a secret in the record'] : []),
    ...(digest === read ? [] : ['the digest is another']),
  ];
}

/** As the host reads what a client wrote, with what its rules add. */
function asAsked(body: Buffer): object {
  const { params } = JSON.parse(body.toString()) as { readonly params: { readonly arguments?: object } };
  return { level: 'low', ...params.arguments, fixed: 'pinned' };
}

/** With masks as the record has them. */
function withoutSecrets(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value ?? null).replaceAll(OWN, MASK)) as unknown;
}
