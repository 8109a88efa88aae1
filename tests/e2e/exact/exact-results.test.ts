import { expect, it } from 'vitest';
import { answerTexts, largeAnswerTexts } from './answer-texts.ts';
import type { AnswerText } from './answer-texts.ts';
import { textOf } from './call-texts.ts';
import { FOREIGN, MASK, metaOf, OWN, startExactHost } from './exact-host.ts';
import type { AuditLine, ExactHost, Got, Path } from './exact-host.ts';
import { readStrictly } from './strict-json.ts';
import type { StrictReading } from './strict-json.ts';

const PLAIN = Buffer.from('{"jsonrpc":"2.0","id":@ID@,"result":{"resultType":"complete","content":[]}}');

/** Of the largest, those that another way of passing them on would be the first to get wrong. */
const LARGEST = /failed, and not|at the end|within a text|an error behind/;

/** One answer, and what its client got of it. */
interface Attempt {
  readonly path: Path;
  readonly text: AnswerText;
  readonly trace: string;
  readonly got: Got;
}

it(
  'a client gets what its server said, without secrets, and the record says what that was',
  { timeout: 120_000 },
  async () => {
    await using host = await startExactHost('refuse');
    const attempts: Attempt[] = [];
    for (const path of host.paths) {
      const { serverEra: era } = path;
      const largest = largeAnswerTexts(era, 2 * 2 ** 20).filter(({ name }) => LARGEST.test(name));
      const large = path.clientEra === era ? [...largeAnswerTexts(era, 300 * 1024), ...largest] : [];
      for (const text of [...answerTexts(era), ...large]) {
        const trace = (attempts.length + 1).toString(16).padStart(32, '0');
        // oxlint-disable-next-line no-await-in-loop -- one after the other: each has its own answer
        attempts.push({ path, text, trace, got: await ask(host, path, text.bytes, trace) });
      }
    }
    const records = await host.records();
    const byTrace = Map.groupBy(records, ({ trace }) => trace);
    const byId = Map.groupBy(records, ({ id }) => id);
    const wrong = attempts.flatMap((attempt) => {
      const begun = byTrace.get(attempt.trace) ?? [];
      const own = begun.flatMap(({ id }) => byId.get(id) ?? []).filter(({ phase }) => phase === 'outcome');
      return checkAttempt(attempt, own).map((problem) => `${attempt.path.name}: ${attempt.text.name}: ${problem}`);
    });
    expect(wrong).toEqual([]);
    for (const path of host.paths) {
      const own = attempts.filter((attempt) => attempt.path === path);
      expect(own.filter(({ got }) => isResult(got)).length).toBeGreaterThan(own.length / 3);
    }
  },
);

async function ask(host: ExactHost, path: Path, script: Uint8Array, trace: string): Promise<Got> {
  const body = Buffer.from(textOf({ tool: path.tool, meta: metaOf(path) }, '{}'));
  path.reciter.say(script);
  const got = await host.send(path, body, trace);
  if (isResult(got)) return got;
  // After several failures in a row a server is left alone for a while.
  path.reciter.say(PLAIN);
  await host.send(path, body, 'f'.repeat(32));
  return got;
}

function isResult({ message }: Got): boolean {
  return message?.subarray(0, 64).includes('"result":') === true;
}

function checkAttempt(attempt: Attempt, outcomes: readonly AuditLine[]): readonly string[] {
  const { got, path } = attempt;
  const [outcome, ...more] = outcomes;
  if (outcome === undefined || more.length > 0) return [`${outcomes.length} outcomes`];
  const leaked = holdsSecret(got.body.toString()) ? ['a secret in the bytes'] : [];
  if (got.message === undefined)
    return [...leaked, ...(outcome.result === 'ok' ? ['cut off, and recorded as well'] : [])];
  const reading = readAny(got.message);
  // What its server wrote is passed on as it is, where only that can tell that it is none.
  if (reading === undefined) return [...leaked, ...(readAny(attempt.text.bytes) === undefined ? [] : ['no JSON'])];
  const { value, twice, texts } = reading;
  const { id, result, error } = value as Said;
  return [
    ...leaked,
    ...(texts.some(holdsSecret) ? ['a secret in a text'] : []),
    ...twice.filter((member) => MEANS.test(member)).map((member) => `twice: ${member}`),
    ...(id === 1 ? [] : [`id ${String(id)}`]),
    ...((result === undefined) === (error === undefined) ? ['result and error'] : []),
    ...(result === undefined ? againstFailure(path, outcome) : againstResult(attempt, outcome, result)),
    ...(result !== undefined && path.clientEra === path.serverEra ? againstServer(attempt) : []),
  ];
}

interface Said {
  readonly id?: unknown;
  /** Over the network, anything. */
  readonly result?: { readonly isError?: unknown } | null;
  readonly error?: unknown;
}

/** Members that decide what an answer is. */
const MEANS = /^\/(?:[^/]*|result\/isError)$/;

/** In any form that this test writes it in. */
function holdsSecret(text: string): boolean {
  return [OWN, FOREIGN].some((secret) => {
    const bytes = Buffer.from(secret);
    return [secret, bytes.toString('base64'), bytes.toString('hex')].some((form) => text.includes(form));
  });
}

function readAny(bytes: Uint8Array): StrictReading | undefined {
  try {
    return readStrictly(Buffer.from(Buffer.from(bytes).toString('latin1').replaceAll('@ID@', '1'), 'latin1'));
  } catch {
    return undefined;
  }
}

function againstFailure(path: Path, { result, code }: AuditLine): readonly string[] {
  // The record says what the call came to; that it cannot be said in the other era shows behind it.
  if (path.clientEra !== path.serverEra && result === 'ok') return [];
  return result === 'failed' && code !== 'TOOL_ERROR' ? [] : [`an error, recorded as ${result} ${code}`];
}

function againstResult({ got, path }: Attempt, record: AuditLine, result: Said['result']): readonly string[] {
  const says = result?.isError === true ? 'failed TOOL_ERROR' : 'ok undefined';
  const recorded = `${record.result} ${record.code}`;
  const bytes = resultBytes(got).length;
  return [
    ...(recorded === says ? [] : [`${says}, recorded as ${recorded}`]),
    ...(path.clientEra !== path.serverEra || record.answerBytes === bytes
      ? []
      : [`${bytes} bytes, recorded as ${record.answerBytes}`]),
  ];
}

/** Behind the id, and before the end of the message. */
function resultBytes({ message = Buffer.alloc(0) }: Got): Buffer {
  return message.subarray(message.indexOf('"result":') + '"result":'.length, -1);
}

/** Within one era nothing changes but the id and what is masked. */
function againstServer({ got, text }: Attempt): readonly string[] {
  const bytes = resultBytes(got);
  if (bytes.includes(MASK) || text.bytes.includes(bytes)) return [];
  return [`other bytes: ${bytes.subarray(0, 200).toString()}`];
}
