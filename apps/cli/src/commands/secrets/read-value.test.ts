import { PassThrough, Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { describe, expect, it } from 'vitest';
import type { CliContext } from '../../context.ts';
import { readValue } from './read-value.ts';

const signals = { on: () => undefined, off: () => undefined };

type World = CliContext & { readonly stdout: PassThrough; readonly stderr: PassThrough };

function world(stdin: CliContext['stdin']): World {
  const [stdout, stderr] = [new PassThrough(), new PassThrough()];
  return { arguments: [], environment: {}, workingDirectory: '/', stdin, stdout, stderr, signals };
}

/** A terminal on which this is typed. */
function terminal(...typed: string[]) {
  const keys = new PassThrough();
  const modes: boolean[] = [];
  const stdin = Object.assign(keys, { isTTY: true, setRawMode: (isRaw: boolean) => modes.push(isRaw) });
  for (const chunk of typed) keys.write(chunk);
  return { context: world(stdin), modes };
}

async function outcomeOf(context: World) {
  const [result] = await Promise.allSettled([readValue(context, 'Value of x')]);
  context.stderr.end();
  const shown = await text(context.stderr);
  const message = result.status === 'rejected' ? String((result.reason as Error).message) : '';
  return { value: result.status === 'fulfilled' ? result.value : undefined, message, shown };
}

describe('a value that is piped in', () => {
  it.each([
    ['as it is', ' a b ', ' a b '],
    ['less one line break', 'a\nb\n\n', 'a\nb\n'],
    ['less the line break of Windows', 'a\r\n', 'a'],
    ['with characters of several bytes', 'ß→🔑', 'ß→🔑'],
  ])('is taken %s', async (_how, piped, value) => {
    const bytes = [...Buffer.from(piped)].map((byte) => Buffer.from([byte]));
    expect((await outcomeOf(world(Readable.from(bytes)))).value).toBe(value);
  });

  it.each([
    ['nothing', [Buffer.from('\n')], 'is empty'],
    ['bytes that are no text', [Buffer.from([0xc3, 0x28, 0xff])], 'not UTF-8'],
    ['more than is ever stored', [Buffer.alloc(65 * 1024, 'x')], 'larger than 64 KiB'],
  ])('is refused when it is %s', async (_what, chunks, message) => {
    const outcome = await outcomeOf(world(Readable.from(chunks)));
    expect(outcome.value).toBeUndefined();
    expect(outcome.message).toContain(message);
  });
});

describe('a value that is typed', () => {
  it('is asked for twice, on standard error, and is never shown', async () => {
    const { context, modes } = terminal('hidden-1', '\r', 'hidden-1\r');
    const { value, shown } = await outcomeOf(context);
    expect(value).toBe('hidden-1');
    expect(shown).toBe('Value of x: \nValue of x, again: \n');
    expect(modes).toEqual([true, false, true, false]);
    expect(context.stdout.readableLength).toBe(0);
  });

  it('may come in one piece, as a paste does', async () => {
    expect((await outcomeOf(terminal('hidden-1\rhidden-1\r').context)).value).toBe('hidden-1');
    expect((await outcomeOf(terminal('\u001b[200~hidden-1\u001b[201~\r', 'hidden-1\n').context)).value).toBe(
      'hidden-1',
    );
  });

  it('can be corrected', async () => {
    const typed = 'wrong\u0015hidx\u007fden\u001b[D-1\r';
    expect((await outcomeOf(terminal(typed, 'hidden-1\r').context)).value).toBe('hidden-1');
  });

  it.each([
    ['differs the second time', ['one\r', 'two\r'], 'not the same'],
    ['is empty', ['\r'], 'Nothing was typed'],
    ['is interrupted', ['hid\u0003'], 'Interrupted'],
  ])('is refused when it %s, and the terminal is as it was', async (_how, typed, message) => {
    const { context, modes } = terminal(...typed);
    const outcome = await outcomeOf(context);
    expect(outcome.message).toContain(message);
    expect(modes.at(-1)).toBe(false);
  });

  it('is refused when the terminal goes away', async () => {
    const { context } = terminal('hid');
    (context.stdin as PassThrough).end();
    expect((await outcomeOf(context)).message).toContain('Interrupted');
  });
});
