// A stdio server of the legacy era that gives away every secret it knows, in every way that a server can speak.
import { setImmediate as turn } from 'node:timers/promises';
import { createInterface } from 'node:readline';
import {
  commonAnswer,
  cutWithin,
  errorOf,
  noteOf,
  progressOf,
  questionOf,
  readLeaks,
  record,
  resultOf,
  said,
} from './leaks.ts';
import type { Leak } from './leaks.ts';

interface Request {
  readonly id?: number | string;
  readonly method?: string;
  readonly params?: {
    readonly name?: string;
    readonly arguments?: unknown;
    readonly _meta?: { readonly progressToken?: unknown };
  };
  readonly result?: unknown;
}

const { LEAKS = '', RECORD = '', CRASH } = process.env;

const send = (message: object): void =>
  void process.stdout.write(`${JSON.stringify({ jsonrpc: '2.0', ...message })}\n`);

/** The environment as a careless program prints it, and everything else it knows. */
function printEverything(stream: NodeJS.WriteStream, leaks: readonly Leak[]): void {
  stream.write(`${JSON.stringify(process.env)}\n`);
  for (const [name, value] of Object.entries(process.env)) stream.write(`${name}=${value}\n`);
  for (const { text } of leaks) stream.write(`leak ${text}\n`);
}

if (CRASH !== undefined) {
  const leaks = readLeaks(LEAKS);
  printEverything(process.stderr, leaks);
  printEverything(process.stdout, leaks);
  throw new Error(`cannot start with ${said(leaks.slice(0, 50))}`);
}

/** Writes with the ends of chunks inside secrets. */
async function writeCut(stream: NodeJS.WriteStream, text: string, leaks: readonly Leak[]): Promise<void> {
  for (const piece of cutWithin(text, leaks)) {
    await new Promise((resolve) => stream.write(piece, resolve));
    await turn();
  }
}

/** Few and not long: a host logs so many lines a second, and so much of a line. */
function linesOf(leaks: readonly Leak[]): readonly string[] {
  const lines = ['leaks'];
  for (const { text } of leaks) {
    if ((lines.at(-1)?.length ?? 0) + text.length > 3_000) lines.push('leaks');
    lines.push(`${lines.pop() ?? ''} ${text}`);
  }
  return lines.map((line) => `${line}\n`);
}

let question = 0;
const answered = new Map<string, () => void>();

interface Call {
  readonly request: Request;
  readonly leaks: readonly Leak[];
  /** Those that are cut where they are written. */
  readonly cut: readonly Leak[];
  readonly answer: (rest: object) => void;
  readonly done: () => void;
}

const tools: Readonly<Record<string, (call: Call) => void | Promise<void>>> = {
  say: ({ leaks, answer }) => answer({ result: resultOf(leaks) }),
  fail: ({ leaks, answer }) => answer({ result: { ...resultOf(leaks), isError: true } }),
  error: ({ leaks, answer }) => answer({ error: errorOf(leaks) }),
  async chunks({ request: { id }, cut }) {
    const message = { jsonrpc: '2.0', id, result: { content: [{ type: 'text', text: said(cut) }] } };
    await writeCut(process.stdout, `${JSON.stringify(message)}\n`, cut);
  },
  huge({ cut, answer }) {
    const filler = 'x'.repeat(20_000);
    answer({ result: { content: [{ type: 'text', text: cut.map(({ text }) => filler + text).join(' ') }] } });
  },
  talk({ request: { params }, leaks, done }) {
    send(noteOf(leaks));
    send(progressOf(leaks, params?._meta?.progressToken));
    done();
  },
  ask({ leaks, done }) {
    const id = `question-${(question += 1)}`;
    answered.set(id, done);
    send({ id, method: 'elicitation/create', params: questionOf(leaks) });
  },
  garbage({ leaks, cut, done }) {
    printEverything(process.stdout, leaks);
    process.stdout.write(`{"jsonrpc":"2.0","result":${JSON.stringify(said(leaks))}\n`);
    process.stdout.write(`{"jsonrpc":"2.0","method":${JSON.stringify(said(cut))}}\n`);
    done();
  },
  async print({ leaks, cut, done }) {
    for (const line of linesOf(leaks.filter((leak) => !cut.includes(leak)))) process.stderr.write(line);
    for (const line of linesOf(cut.map((leak) => ({ ...leak, text: JSON.stringify(leak.text) })))) {
      await writeCut(process.stderr, line, cut);
    }
    done();
  },
  mark({ done }) {
    process.stderr.write('end of what is printed\n');
    done();
  },
  crash({ request: { id }, leaks, cut }) {
    printEverything(process.stderr, leaks);
    process.stdout.write(`{"jsonrpc":"2.0","id":${JSON.stringify(id)},"result":${JSON.stringify(said(leaks))}`);
    process.stderr.write(`half a line ${cut.at(0)?.text ?? ''}`, () => process.exit(3));
  },
  take: ({ done }) => done(),
};

async function callTool(request: Request, leaks: readonly Leak[]): Promise<void> {
  const answer = (rest: object): void => send({ id: request.id, ...rest });
  await tools[request.params?.name ?? '']?.({
    request,
    leaks,
    cut: leaks.filter(({ encoding }) => encoding === 'chunks'),
    answer,
    done: () => answer({ result: { content: [{ type: 'text', text: 'done' }] } }),
  });
}

for await (const line of createInterface({ input: process.stdin })) {
  const request = JSON.parse(line) as Request;
  const leaks = readLeaks(LEAKS);
  record(RECORD, request);
  const { id, method } = request;
  if (method === undefined) answered.get(String(id))?.();
  else if (method === 'tools/call') void callTool(request, leaks);
  else if (id !== undefined) {
    const result = commonAnswer(method, leaks);
    send(result === undefined ? { id, error: { code: -32_601, message: 'Method not found' } } : { id, result });
  }
}
