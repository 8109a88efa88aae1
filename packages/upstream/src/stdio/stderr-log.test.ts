import { describe, expect, it } from 'vitest';
import { DrivenClock } from '@hostler/test-kit';
import { RecordingLog } from '../../test/support/recording-log.ts';
import { StderrLog } from './stderr-log.ts';

function make(limits = { stderrLineBytes: 10, stderrLinesPerSecond: 3 }) {
  const clock = new DrivenClock();
  const log = new RecordingLog();
  return { clock, log, stderr: new StderrLog({ server: 'child', log, clock, limits }) };
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
    stderr.push(Buffer.from('0123456789abcdefghijklmnopqrstuvwxyz\n'));
    expect(log.records.map(({ fields }) => fields['stderr'])).toEqual(['redline', '0123456789abcdefghijklmn']);
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
