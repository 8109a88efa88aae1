import { createHash } from 'node:crypto';
import { lintSource } from '@secretlint/core';
import { secretLintProfiler } from '@secretlint/profiler';
import { rules } from '@secretlint/secretlint-rule-preset-recommend';
import type { Finding } from './finding.ts';

const SILENCER = '@secretlint/secretlint-rule-filter-comments';

/**
 * Every rule but the one that lets a comment silence the search: what is known to be harmless stands in allowed.json, with a
 * reason.
 */
const config = {
  rules: rules.filter(({ meta }) => meta.id !== SILENCER).map((rule) => ({ id: rule.meta.id, rule, options: {} })),
};

/** What only this product has: keys of consumers, and the key of the encrypted file with its value. */
const own: readonly (readonly [string, RegExp])[] = [
  ['hostler/consumer-key', /\bhk_[0-9A-Za-z]{8}_[0-9A-Za-z]{43}_[0-9a-f]{8}\b/g],
  [
    'hostler/encryption-key',
    /HOSTLER_(?:NEW_)?ENCRYPTION_KEY["']?\s*[=:]\s*["']?((?:base64:[\w+/]{43}=|hex:[0-9a-f]{64}))/g,
  ],
];

// It measures every rule for every text, and keeps the figures for good.
secretLintProfiler.setEnabled(false);

/** Secrets by their shape, in a text of any kind. `place` is only repeated in what was found. */
export async function findSecrets(text: string, place: string): Promise<readonly Finding[]> {
  const result = await lintSource({
    source: { content: text, filePath: place, ext: extensionOf(place), contentType: 'text' },
    options: { config, noPhysicFilePath: true },
  });
  const known = result.messages.map(({ ruleId, range: [start, end] }) =>
    findingOf(text, { place, rule: ruleId.replace('@secretlint/secretlint-rule-', ''), start, end }),
  );
  const ours = own.flatMap(([rule, pattern]) =>
    Array.from(text.matchAll(pattern), ({ index, 0: whole, 1: part }) => {
      const found = part ?? whole;
      const start = index + whole.indexOf(found);
      return findingOf(text, { place, rule, start, end: start + found.length });
    }),
  );
  return [...known, ...ours];
}

interface Found {
  readonly place: string;
  readonly rule: string;
  readonly start: number;
  readonly end: number;
}

function findingOf(text: string, { place, rule, start, end }: Found): Finding {
  const found = text.slice(start, end);
  return {
    place,
    rule,
    line: text.slice(0, start).split('\n').length,
    digest: createHash('sha256').update(found).digest('hex'),
    shown: `${found.slice(0, Math.min(4, found.length / 4))}… (${found.length} characters)`,
  };
}

function extensionOf(place: string): string {
  return /\.[^./]+$/.exec(place)?.[0] ?? '';
}
