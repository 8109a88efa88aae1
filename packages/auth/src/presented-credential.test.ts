import { describe, expect, it } from 'vitest';
import { presentedCredential } from './presented-credential.ts';
import type { RequestFacts } from './request-facts.ts';

function codeOf(facts: RequestFacts): unknown {
  try {
    return presentedCredential(facts);
  } catch (error) {
    return (error as { readonly code: string }).code;
  }
}

describe('the credential of a request', () => {
  it.each<[string, RequestFacts]>([
    ['Bearer', { authorization: 'Bearer abc' }],
    ['any case', { authorization: 'bEARER abc' }],
    ['more spaces', { authorization: 'Bearer   abc' }],
  ])('is a bearer token: %s', (_, facts) => {
    expect(codeOf(facts)).toEqual({ text: 'abc', means: 'bearer' });
  });

  it('is a key', () => {
    expect(codeOf({ apiKey: 'abc' })).toEqual({ text: 'abc', means: 'key' });
  });

  it('is missing', () => {
    expect(codeOf({})).toBe('AUTH_MISSING');
    expect(codeOf({ authorization: undefined, apiKey: undefined, address: '127.0.0.1' })).toBe('AUTH_MISSING');
  });

  it.each<[string, RequestFacts]>([
    ['two that differ', { authorization: 'Bearer abc', apiKey: 'def' }],
    ['two that agree', { authorization: 'Bearer abc', apiKey: 'abc' }],
    ['one and an empty one', { authorization: 'Bearer abc', apiKey: '' }],
    ['a header that came twice', { authorization: 'Bearer abc, Bearer abc' }],
    ['a key that came twice', { apiKey: 'abc, abc' }],
    ['another scheme', { authorization: 'Basic YWJj' }],
    ['no scheme', { authorization: 'abc' }],
    ['a scheme alone', { authorization: 'Bearer ' }],
    ['nothing', { authorization: '' }],
    ['no key', { apiKey: '' }],
    ['a tab', { authorization: 'Bearer\tabc' }],
    ['a line end', { authorization: 'Bearer abc\n' }],
    ['a NUL', { apiKey: 'abc\0' }],
    ['characters beyond ASCII', { apiKey: 'schlüssel' }],
    ['8 KiB and one', { apiKey: 'a'.repeat(8193) }],
    ['64 KiB', { authorization: `Bearer ${'a'.repeat(65536)}` }],
  ])('is refused: %s', (_, facts) => {
    expect(codeOf(facts)).toBe('AUTH_INVALID');
  });

  it('may be 8 KiB long', () => {
    expect(codeOf({ apiKey: 'a'.repeat(8192) })).toMatchObject({ means: 'key' });
  });
});
