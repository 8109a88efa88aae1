import { describe, expect, it } from 'vitest';
import { hasMethod, isCacheable, listKinds, mayAct } from './methods.ts';
import {
  eraOf,
  legacyRevisions,
  modernRevisions,
  namesModernEra,
  negotiateLegacyRevision,
  newestLegacyRevision,
  newestModernRevision,
} from './revisions.ts';

describe('revisions', () => {
  it('are these, newest first', () => {
    expect(legacyRevisions).toEqual(['2025-11-25', '2025-06-18', '2025-03-26', '2024-11-05']);
    expect(modernRevisions).toEqual(['2026-07-28']);
    expect([newestLegacyRevision, newestModernRevision]).toEqual(['2025-11-25', '2026-07-28']);
  });

  it.each([
    ['2024-11-05', 'legacy', false],
    ['2025-11-25', 'legacy', false],
    ['2026-07-28', 'modern', true],
    ['2026-07-29', undefined, true],
    ['2099-01-01', undefined, true],
    ['2026-07-27', undefined, false],
    ['2024-10-07', undefined, false],
    ['2026-07-28 ', undefined, false],
    ['2026-7-28', undefined, false],
    ['draft', undefined, false],
    ['', undefined, false],
    ['toString', undefined, false],
  ])('%j is of era %s, and names the modern era: %s', (revision, era, modern) => {
    expect(eraOf(revision)).toBe(era);
    expect(namesModernEra(revision)).toBe(modern);
  });

  it('are negotiated to what was asked for, or to the newest legacy one, never to a modern one', () => {
    for (const revision of legacyRevisions) expect(negotiateLegacyRevision(revision)).toBe(revision);
    for (const revision of ['2026-07-28', '2024-10-07', '', '9999-12-31']) {
      expect(negotiateLegacyRevision(revision)).toBe('2025-11-25');
    }
  });
});

describe('methods', () => {
  it.each([
    ['initialize', true, false],
    ['ping', true, false],
    ['logging/setLevel', true, false],
    ['resources/subscribe', true, false],
    ['resources/unsubscribe', true, false],
    ['server/discover', false, true],
    ['subscriptions/listen', false, true],
    ['tools/list', true, true],
    ['tools/call', true, true],
    ['prompts/list', true, true],
    ['prompts/get', true, true],
    ['resources/list', true, true],
    ['resources/templates/list', true, true],
    ['resources/read', true, true],
    ['completion/complete', true, true],
    ['tasks/get', true, true],
    ['tasks/cancel', true, true],
    ['tasks/list', true, false],
    ['tasks/result', true, false],
    ['tasks/update', false, true],
    ['sampling/createMessage', false, false],
    ['TOOLS/LIST', false, false],
    ['__proto__', false, false],
    ['', false, false],
  ])('%s exists in the legacy era: %s, in the modern era: %s', (method, legacy, modern) => {
    expect(hasMethod('legacy', method)).toBe(legacy);
    expect(hasMethod('modern', method)).toBe(modern);
  });

  it('know what may be cached and what may act', () => {
    const methods = [...Object.values(listKinds).map(({ method }) => method), 'resources/read', 'server/discover'];
    expect(methods.every(isCacheable)).toBe(true);
    expect(['tools/call', 'prompts/get', 'completion/complete'].some(isCacheable)).toBe(false);
    expect(['tools/call', ...methods, 'prompts/get'].filter(mayAct)).toEqual(['tools/call']);
  });
});
