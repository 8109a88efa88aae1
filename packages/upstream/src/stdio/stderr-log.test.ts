import { describe, expect, it } from 'vitest';
import { createRedactor } from '@hostler/secrets';
import { DrivenClock } from '@hostler/test-kit';
import { RecordingLog } from '../../test/support/recording-log.ts';
import { StderrLog } from './stderr-log.ts';

function make(limits = { stderrLineBytes: 10, stderrLinesPerSecond: 3 }) {
  const clock = new DrivenClock();
  const log = new RecordingLog();
  return { clock, log, stderr: new StderrLog({ server: 'child', log, clock, limits }) };
}

/** The parts of eight characters of a secret that stand in a text. */
function partsOf(secret: string, text: string): string[] {
  const parts = Array.from({ length: secret.length - 7 }, (_, start) => secret.slice(start, start + 8));
  return parts.filter((part) => text.includes(part));
}

describe('StderrLog', () => {
  it('logs each line with the name of the server, however the stream is cut', () => {
    const { log, stderr } = make();
    for (const piece of ['fir', 'st\nsec', 'ond\n\nthi', 'rd']) stderr.push(Buffer.from(piece));
    stderr.end();
    expect(log.records.map(({ level, fields }) => [level, fields])).toEqual([
      ['debug', { server: 'child', stderr: 'first' }],
      ['debug', { server: 'child', stderr: 'second' }],
      ['debug', { server: 'child', stderr: 'third' }],
    ]);
  });

  it('cuts long lines and strips what would steer a terminal', () => {
    const { log, stderr } = make({ stderrLineBytes: 24, stderrLinesPerSecond: 3 });
    stderr.push(Buffer.from('\u001B[31mred\u001B[0m\u0007\u202Eline\n'));
    stderr.push(Buffer.from('0123456 89abcdefghijklmnopqrstuvwxyz\n'));
    expect(log.records.map(({ fields }) => fields['stderr'])).toEqual(['redline', '0123456…']);
  });

  describe('of a secret that is cut in two', () => {
    const secret = 's3cr3t-0f-the-c4nary-which-is-l0ng-enough';
    const redactor = createRedactor();
    redactor.add(secret);
    const limits = { stderrLineBytes: 1_000, stderrLinesPerSecond: 1_000 };

    // Every place at which the bound may go through it: none of its beginning, middle or end may be left.
    it.each(['word '.repeat(300), 'x'.repeat(1_500)])('shows nothing in a line like %.9s', (text) => {
      for (let start = 900; start <= 1_000; start += 1) {
        const { log, stderr } = make(limits);
        stderr.push(Buffer.from(`${text.slice(0, start)} ${secret} and more\n`));
        const [record] = log.records;
        expect(partsOf(secret, redactor.redact(String(record?.fields['stderr'])))).toEqual([]);
      }
    });

    it('shows nothing at the beginning of what is kept to explain an end', () => {
      for (let after = 8_100; after <= 8_200; after += 1) {
        const { stderr } = make(limits);
        stderr.push(Buffer.from(`${'word '.repeat(100)}${secret}`));
        stderr.push(Buffer.from(` more${'\nline'.repeat(2_000)}`.slice(0, after)));
        expect(partsOf(secret, redactor.redact(stderr.tail().join('\n')))).toEqual([]);
      }
    });

    it('shows nothing of one line without an end', () => {
      const { stderr } = make(limits);
      stderr.push(Buffer.from(`${secret}${'x'.repeat(8_170)}`));
      expect(stderr.tail()).toEqual([]);
    });
  });

  it('logs so many lines a second and counts the rest', async () => {
    const { clock, log, stderr } = make();
    stderr.push(Buffer.from('line\n'.repeat(10)));
    await clock.pass(1_000);
    stderr.push(Buffer.from('next\n'));
    expect(log.records.map(({ fields }) => fields['stderr'] ?? fields['lines'])).toEqual([
      'line',
      'line',
      'line',
      7,
      'next',
    ]);
  });

  it('counts what was not logged at the end, too', () => {
    const { log, stderr } = make();
    stderr.push(Buffer.from('line\n'.repeat(10)));
    stderr.end();
    expect(log.records.at(-1)?.fields['lines']).toBe(7);
  });

  it('keeps the last lines, also those it did not log', () => {
    const { stderr } = make();
    for (let index = 0; index < 100; index += 1) stderr.push(Buffer.from(`line ${index}\n`));
    expect(stderr.tail()).toHaveLength(20);
    expect(stderr.tail().at(-1)).toBe('line 99');
  });
});
