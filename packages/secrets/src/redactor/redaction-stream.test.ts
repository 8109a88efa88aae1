import { describe, expect, it } from 'vitest';
import { createRedactor } from './redactor.ts';

const VALUES = ['s3cr3t-value', 's3cr3t-value-longer', 'value-longer-and-on', 'aaaaaaaa', 'begin-aaaaaaaa-end'];
const TEXT = `x s3cr3t-value y s3cr3t-value-longer-and-on z s3cr3t-val ${'a'.repeat(13)}!begin-aaaaaaaa-end begin-aaaaaaaa s3cr3t-value`;
const EXPECTED = 'x [secret] y [secret] z s3cr3t-val [secret]![secret] begin-[secret] [secret]';

const redactor = createRedactor();
for (const value of VALUES) redactor.add(value);

const through = (chunks: readonly string[]): string => {
  const stream = redactor.stream();
  return chunks.map((chunk) => stream.push(chunk)).join('') + stream.end();
};

describe('a redaction stream', () => {
  it('says the same as the redactor says of the whole text', () => {
    expect(redactor.redact(TEXT)).toBe(EXPECTED);
    expect(through([TEXT])).toBe(EXPECTED);
  });

  it('finds values wherever two cuts fall', () => {
    for (let first = 0; first <= TEXT.length; first += 1) {
      for (let second = first; second <= TEXT.length; second += 1) {
        expect(through([TEXT.slice(0, first), TEXT.slice(first, second), TEXT.slice(second)])).toBe(EXPECTED);
      }
    }
  });

  it('finds values in single characters', () => {
    expect(through(TEXT.split(''))).toBe(EXPECTED);
  });

  it('never writes the beginning of a value before it is known not to be one', () => {
    const stream = redactor.stream();
    expect(stream.push('say s3cr3t-val')).toBe('say ');
    expect(stream.push('id, no')).toBe('s3cr3t-valid, no');
  });

  it('holds no line back that ends without the beginning of a value', () => {
    expect(redactor.stream().push('a line of log\n')).toBe('a line of log\n');
  });

  it('holds nothing back for texts in a JSON value that are too short to be masked', () => {
    const json = createRedactor();
    json.add('{"user":"bob","password":"correct-horse"}');
    expect(json.stream().push('ask bob')).toBe('ask bob');
  });

  it('writes the mask of a value that goes on in another value once', () => {
    const stream = redactor.stream();
    const written = [stream.push('s3cr3t-value-longer'), stream.push('-and-on'), stream.push('.'), stream.end()];
    expect(written.join('')).toBe('[secret].');
  });

  it('writes what it held at its end, and begins anew', () => {
    const stream = redactor.stream();
    expect(stream.push('s3cr3t')).toBe('');
    expect(stream.end()).toBe('s3cr3t');
    expect(stream.push('-val!')).toBe('-val!');
    expect(stream.end()).toBe('');
  });

  it('holds back less than the longest value has, even of endless text that nearly matches', () => {
    const stream = redactor.stream();
    let given = 0;
    let written = 0;
    for (let index = 0; index < 500; index += 1) {
      given += 1;
      written += stream.push('s3cr3t-valu '.charAt(index % 12)).length;
      expect(given - written).toBeLessThan(19);
    }
  });

  it('masks values that were added after it began', () => {
    const later = createRedactor();
    const stream = later.stream();
    later.add('added-later');
    expect(stream.push('an added-') + stream.push('later value') + stream.end()).toBe('an [secret] value');
  });
});
