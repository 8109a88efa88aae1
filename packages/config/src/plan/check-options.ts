import type { JsonObject } from '@hostler/kernel';
import type { ProblemList } from '../problem.ts';
import type { CheckedConfig } from '../schema/config-file.ts';
import { faultOf, isBareReference, NO_REFERENCE, REFERENCE, schemeOf } from '../secret-reference.ts';
import { optionParts } from './secret-uses.ts';
import type { PlacedUse } from './secret-uses.ts';

/** Those that are there before any provider is. */
const SCHEMES: ReadonlySet<string> = new Set(['env', 'file', 'local']);

/** The secrets in the options of providers, which no schema describes. */
export function checkOptions({ secrets }: CheckedConfig, problems: ProblemList): void {
  for (const [index, provider] of secrets.providers.entries()) {
    const path = ['secrets', 'providers', index, 'with'];
    const { uses, texts } = optionParts(provider.with as JsonObject, path);
    for (const { path: place, text } of texts) {
      if (!isBareReference(text)) continue;
      const hint = 'write { secret: "…" } around it';
      problems.add(place, 'this is a secret reference written as plain text', { hint });
    }
    for (const use of uses) checkUse(use, problems);
  }
}

function checkUse({ path, use }: PlacedUse, problems: ProblemList): void {
  const place = [...path, 'secret'];
  const fault = REFERENCE.test(use.secret) ? faultOf(use.secret) : NO_REFERENCE;
  if (fault !== undefined) problems.add(place, fault);
  else if (!SCHEMES.has(schemeOf(use.secret))) {
    const hint = 'the others need a provider themselves';
    problems.add(place, 'the options of a provider can only use env://, file:// and local://', { hint });
  }
  for (const key of Object.keys(use)) {
    if (key === 'secret') continue;
    problems.add([...path, key], 'has no meaning here: the option is the secret as it is', { part: 'key' });
  }
}
