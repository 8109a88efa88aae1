import { describe, expect, test } from 'vitest';
import type { ResultSink } from '@hostler/kernel';
import { splitMessage } from '@hostler/protocol';
import { createLeakGuard, createRedactor } from '@hostler/secrets';
import type { MessageScreen } from '@hostler/secrets';
import { LargeAnswer, TooLargeError } from './large-answer.ts';

const SECRETS = ['correct-horse/battery"staple', 'Zürich-5f3a9c21-schlüssel', '918273645546372819'];
const CROSSING = 'first","second';
const quiet = { warn() {}, info() {}, debug() {}, error() {}, trace() {}, fatal() {} };

function screenOf(secrets: readonly string[] = SECRETS): MessageScreen {
  const redactor = createRedactor();
  for (const [index, secret] of secrets.entries()) redactor.add(secret, `env://S${index}`);
  const log = { ...quiet, child: () => log } as never;
  return createLeakGuard({ redactor, log, clock: { now: () => 0 } as never }).screen('server', []);
}

class TestSink implements ResultSink {
  readonly pieces: Uint8Array[] = [];
  isOver = false;
  begin(): boolean {
    return true;
  }
  write(piece: Uint8Array): boolean {
    this.pieces.push(Uint8Array.from(piece));
    return true;
  }
  end(): void {
    this.isOver = true;
  }
  get text(): string {
    return Buffer.concat(this.pieces).toString();
  }
}

/** Numbers from 0 to 1 that are the same in every run. */
function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 1_103_515_245 + 12_345) % 2_147_483_648;
    return state / 2_147_483_648;
  };
}

interface Streamed {
  readonly sink: TestSink;
  readonly isError: boolean;
  readonly bytes: number;
}

interface StreamOptions {
  readonly screen?: MessageScreen;
  readonly era?: 'legacy' | 'modern';
  /** Bytes of the next piece. */
  readonly cut: () => number;
  readonly first?: number;
}

/** Undefined when it is to be held. @throws what breaks it off */
function stream(message: Uint8Array, { screen, era = 'legacy', cut, first = 64 }: StreamOptions): Streamed | undefined {
  const sink = new TestSink();
  const answer = new LargeAnswer({ id: 7, era, sink, screen, maxBytes: 10_000_000, onDrain: () => {} });
  if (!answer.begin(message.subarray(0, first))) return undefined;
  for (let at = first; at < message.length;) {
    const size = cut();
    answer.push(message.subarray(at, at + size));
    at += size;
  }
  return { sink, ...answer.end() };
}

function whole(message: Uint8Array, screen: MessageScreen | undefined): string {
  const bytes = screen === undefined ? message : screen.incoming(message);
  const { result } = splitMessage(bytes);
  if (result === undefined) throw new Error('withheld');
  return Buffer.from(bytes.subarray(result.start, result.end)).toString();
}

function hidden(text: string): string {
  return text.replaceAll(/[^]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`);
}

/** JSON of a string in which a secret stands, in one of the ways in which servers write it. */
function leak(random: () => number): string {
  const secret = SECRETS[Math.floor(random() * SECRETS.length)] as string;
  const bytes = Buffer.from(secret);
  const forms = [
    JSON.stringify(secret).slice(1, -1),
    JSON.stringify(JSON.stringify(secret)).slice(1, -1),
    JSON.stringify(secret).slice(1, -1).replaceAll('/', '\\/'),
    encodeURIComponent(secret),
    bytes.toString('base64'),
    bytes.toString('hex'),
    hidden(secret),
    secret.slice(0, 5).replaceAll('"', '\\"') + hidden(secret.slice(5)),
  ];
  return forms[Math.floor(random() * forms.length)] as string;
}

function text(random: () => number, length: number): string {
  const parts = [
    'abc ',
    '\\"',
    '\\\\',
    '\\n',
    'ü',
    '€',
    '😀',
    '\\u20ac',
    '\\ud83d\\ude00',
    'correct-',
    '9182',
    'x/y',
    '\\/',
  ];
  let written = '';
  while (written.length < length) {
    written += random() < 0.02 ? leak(random) : (parts[Math.floor(random() * parts.length)] as string);
  }
  return written;
}

function json(random: () => number, depth: number, textLength: number): string {
  const space = random() < 0.1 ? ' \n' : '';
  const choice = random();
  if (depth === 0 || choice < 0.35) return `${space}"${text(random, random() * textLength)}"`;
  if (choice < 0.45) return random() < 0.2 ? (SECRETS[2] as string) : String(Math.floor(random() * 1e6));
  if (choice < 0.5) return 'null';
  const items = Array.from({ length: Math.floor(random() * 5) }, () => json(random, depth - 1, textLength));
  if (choice < 0.75) return `[${items.join(`,${space}`)}]`;
  return `{${items.map((item, index) => `"k${index}${random() < 0.05 ? leak(random) : ''}"${space}:${item}`).join(',')}}`;
}

function message(result: string, tail = '}'): Buffer {
  return Buffer.from(`{"jsonrpc":"2.0","id":7,"result":${result}${tail}`);
}

/** Mostly joined to larger ones, but not at the end. */
const tiny = (): number => 1;

describe('a result that is passed on', () => {
  test('is the same, byte for byte, as that of the whole message', () => {
    const screen = screenOf();
    for (let seed = 1; seed <= 12; seed += 1) {
      const random = seeded(seed);
      const filler = `"${text(seeded(seed), 40_000)}"`;
      const result = `{"a":${json(random, 4, 200)},"filler":[${filler}],"b":${json(random, 4, 200)},"isError":${random() < 0.5}}`;
      const bytes = message(result, random() < 0.2 ? ' , "more":[1] }\n' : '}');
      for (const searched of [undefined, screen]) {
        const passed = stream(bytes, {
          ...(searched && { screen: searched }),
          cut: () => 1 + Math.floor(random() * 30_000),
        });
        const expected = whole(bytes, searched);
        if (passed?.sink.text !== expected) throw new Error(`seed ${seed}`);
        expect(passed).toMatchObject({ isError: JSON.parse(expected).isError, bytes: Buffer.byteLength(expected) });
      }
    }
  });

  test('says the same where one text is too long to be waited for', () => {
    const screen = screenOf();
    for (let seed = 1; seed <= 3; seed += 1) {
      const random = seeded(seed);
      const bytes = message(
        `{"content":[{"type":"text","text":"${text(random, 300_000)}"}],"more":${json(random, 3, 100)}}`,
      );
      const passed = stream(bytes, { screen, cut: () => 1 + Math.floor(random() * 70_000) });
      expect(JSON.parse(passed?.sink.text ?? '')).toEqual(JSON.parse(whole(bytes, screen)));
    }
  });

  test('holds no secret that lies over the border of two pieces, wherever that is', () => {
    const screen = screenOf();
    const secret = JSON.stringify(SECRETS[0]).slice(1, -1);
    const padding = 'y'.repeat(20_000);
    const bytes = message(`{"text":"${padding}${secret}${padding}"}`);
    const place = bytes.indexOf(secret);
    for (let cut = place - 2; cut < place + secret.length + 2; cut += 1) {
      const sizes = [cut - 64];
      const passed = stream(bytes, { screen, cut: () => sizes.shift() ?? 50_000 });
      expect(passed?.sink.text).toBe(whole(bytes, screen));
    }
  });

  test('holds no secret of which the letters are hidden behind the border', () => {
    // No other way in which it may be written is nearly as long.
    const screen = screenOf(['abcdefghijklmnopqrstuvwx']);
    const secret = `abcde${hidden('fghijklmnopqrstuvwx')}`;
    const padding = 'y'.repeat(20_000);
    const bytes = message(`{"text":"${padding}${secret}${padding}"}`);
    const place = bytes.indexOf(secret);
    for (let cut = place + 3; cut < place + secret.length; cut += 5) {
      const sizes = [cut - 64];
      const passed = stream(bytes, { screen, cut: () => sizes.shift() ?? 50_000 });
      expect(passed?.sink.text).toBe(whole(bytes, screen));
    }
  });

  test('stays whole around one secret in a long text', () => {
    const screen = screenOf();
    const secret = JSON.stringify(SECRETS[0]).slice(1, -1);
    for (const filler of ['z'.repeat(100_000), 'correct-'.repeat(15_000), '\\\\'.repeat(60_000)]) {
      for (const shift of [0, 1]) {
        const bytes = message(`{"text":"${'-'.repeat(shift)}${filler}${secret}${filler}${filler}","end":"x"}`);
        const passed = stream(bytes, { screen, cut: () => 50_000 });
        expect(JSON.parse(passed?.sink.text ?? '')).toEqual(JSON.parse(whole(bytes, screen)));
      }
    }
  });

  test('is held when its id does not come first, is another, or there is no object', () => {
    const options = { cut: tiny };
    const rest = `"result":{"a":"${'x'.repeat(200)}"}`;
    expect(stream(Buffer.from(`{"jsonrpc":"2.0",${rest},"id":7}`), options)).toBeUndefined();
    expect(stream(Buffer.from(`{"jsonrpc":"2.0","id":8,${rest}}`), options)).toBeUndefined();
    expect(
      stream(Buffer.from(`{"jsonrpc":"2.0","id":7,"error":{"result":{"a":"${'x'.repeat(200)}"}}}`), options),
    ).toBeUndefined();
    expect(stream(message(`["${'x'.repeat(200)}"]`), options)).toBeUndefined();
  });

  test('a modern one is held when it is not complete, and broken off when that shows late', () => {
    const filler = `"a":"${'x'.repeat(200)}"`;
    const options = { era: 'modern', cut: tiny } as const;
    expect(stream(message(`{"resultType":"task",${filler}}`), options)).toBeUndefined();
    expect(stream(message(`{"resultType":"complete",${filler}}`), options)?.sink.isOver).toBe(true);
    expect(stream(message(`{${filler},"resultType":"complete"}`), options)?.sink.isOver).toBe(true);
    expect(() => stream(message(`{${filler},"resultType":"task"}`), options)).toThrow('not complete');
  });
});

describe('a result that cannot go on', () => {
  const filler = 'x'.repeat(50_000);
  const cut = (): number => 10_000;

  test.each([
    ['ends too early', message(`{"a":"${filler}"`, ''), 'value does not end'],
    ['has brackets that do not match', message(`{"a":"${filler}"]`), 'brackets do not match'],
    [
      'is not UTF-8',
      Buffer.concat([message(`{"a":"${filler}`, ''), Buffer.from([0xff]), Buffer.from('"}}')]),
      'not UTF-8',
    ],
    [
      'ends within a character',
      Buffer.concat([message(`{"a":"${filler}"}`, ''), Buffer.from([0xe2, 0x82])]),
      'not UTF-8',
    ],
    ['is followed by a second id', message(`{"a":"${filler}"}`, ',"id":8}'), 'does not belong there'],
    [
      'is followed by an error',
      message(`{"a":"${filler}"}`, ',"error":{"code":1,"message":""}}'),
      'does not belong there',
    ],
    ['is followed by more than a message', message(`{"a":"${filler}"}`, '}{}'), 'does not belong there'],
    ['is followed by very much', message(`{"a":"${filler}"}`, `,"b":"${filler}"}`), 'too much follows'],
    ['is nested too deeply', message(`{"b":"${filler}","a":${'['.repeat(600)}`, ''), 'nested deeper'],
  ])('%s', (_, bytes, problem) => {
    expect(() => stream(bytes, { cut })).toThrow(problem);
  });

  test('is larger than the bound', () => {
    const sink = new TestSink();
    const answer = new LargeAnswer({ id: 7, era: 'legacy', sink, screen: undefined, maxBytes: 100, onDrain: () => {} });
    expect(answer.begin(message(`{"a":"${'x'.repeat(60)}`, ''))).toBe(true);
    expect(() => answer.push(Buffer.alloc(200))).toThrow(TooLargeError);
    expect(sink.isOver).toBe(false);
  });

  test('holds a secret that reaches over the end of a text: nothing of it is passed on', () => {
    const screen = screenOf([...SECRETS, CROSSING]);
    const bytes = message(`{"a":["${filler}","${CROSSING}","${filler}"]}`);
    expect(() => whole(bytes, screen)).toThrow('withheld');
    for (let size = 9_950; size < 10_050; size += 1) {
      const sink = new TestSink();
      const answer = new LargeAnswer({ id: 7, era: 'legacy', sink, screen, maxBytes: 1e6, onDrain: () => {} });
      answer.begin(bytes.subarray(0, 64));
      expect(() => {
        for (let at = 64; at < bytes.length; at += size) answer.push(bytes.subarray(at, at + size));
        answer.end();
      }).toThrow(expect.objectContaining({ code: 'SECRET_LEAK' }));
      expect(sink.text).not.toContain('first');
    }
  });
});

describe('what was pushed', () => {
  const KB = 1024;
  const begun = `{"jsonrpc":"2.0","id":7,"result":{"a":"${'x'.repeat(60)}`;

  /** One that has begun, into a sink that says of what it keeps what it is told to. */
  function begin(keeps: { nothing: boolean | undefined }, screen?: MessageScreen): LargeAnswer {
    const sink = Object.defineProperty(new TestSink(), 'keepsNothing', { get: () => keeps.nothing });
    const answer = new LargeAnswer({ id: 7, era: 'legacy', sink, screen, maxBytes: 10_000_000, onDrain: () => {} });
    expect(answer.begin(Buffer.from(begun))).toBe(true);
    return answer;
  }

  test('is kept by nobody when the sink has done with it', () => {
    const keeps = { nothing: true };
    const answer = begin(keeps);
    answer.push(Buffer.alloc(16 * KB, 'y'));
    expect(answer.keepsNothing).toBe(true);
    keeps.nothing = false;
    expect(answer.keepsNothing).toBe(false);
  });

  test('is kept by a sink that does not say', () => {
    const answer = begin({ nothing: undefined });
    answer.push(Buffer.alloc(16 * KB, 'y'));
    expect(answer.keepsNothing).toBe(false);
  });

  test('is kept here while small pieces are gathered', () => {
    const answer = begin({ nothing: true });
    answer.push(Buffer.alloc(16 * KB - 1, 'y'));
    expect(answer.keepsNothing).toBe(false);
    answer.push(Buffer.from('y'));
    expect(answer.keepsNothing).toBe(true);
  });

  test('is kept here from the end of the result on', () => {
    const answer = begin({ nothing: true });
    answer.push(Buffer.from(`${'y'.repeat(16 * KB)}"} ,`));
    expect(answer.keepsNothing).toBe(false);
    answer.push(Buffer.from(`"more":"${'y'.repeat(KB)}`));
    expect(answer.keepsNothing).toBe(false);
  });

  const leaky = (random: () => number, length: number): string => text(random, length);
  const clean = (random: () => number, length: number): string =>
    Array.from({ length: length / 10 }, () => random().toString(36).slice(2, 8)).join('ü€');

  test.each([
    ['nothing is looked for', undefined, leaky],
    ['secrets are looked for and found', screenOf(), leaky],
    ['secrets are looked for in vain', screenOf(), clean],
  ])('may be written over when nobody keeps it: %s', (_, screen, filler) => {
    const random = seeded(5);
    const bytes = message(
      `{"é":"${filler(random, 100_000)}","b":["${filler(random, 2_000)}"],"c":"${filler(random, 90_000)}","isError":true}`,
      ',"more":"tail"}',
    );
    for (let seed = 1; seed <= 6; seed += 1) {
      const cut = seeded(seed);
      const sink = Object.defineProperty(new TestSink(), 'keepsNothing', { value: true });
      const answer = new LargeAnswer({ id: 7, era: 'legacy', sink, screen, maxBytes: 1e6, onDrain: () => {} });
      expect(answer.begin(bytes.subarray(0, 100))).toBe(true);
      for (let at = 100; at < bytes.length;) {
        const piece = Buffer.from(bytes.subarray(at, at + 1 + Math.floor(cut() * 40_000)));
        answer.push(piece);
        if (answer.keepsNothing) piece.fill('#');
        at += piece.length;
      }
      expect(answer.end().isError).toBe(true);
      expect(JSON.parse(sink.text)).toEqual(JSON.parse(whole(bytes, screen)));
    }
  });
});
