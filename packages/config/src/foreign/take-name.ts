import type { Path } from '../path.ts';
import { toServerName } from './server-name.ts';
import type { TranslationContext } from './translation-context.ts';

/** A server's name here; `undefined`, and a problem, when there is none or another one has it. */
export function takeName(
  rawName: string,
  path: Path,
  named: Map<string, string>,
  { problems, notes }: TranslationContext,
): string | undefined {
  const name = toServerName(rawName);
  const options = { part: 'key', inFile: true } as const;
  if (name === undefined) {
    problems.add(path, 'a server name needs at least one letter or digit', options);
    return undefined;
  }
  const other = named.get(name);
  if (other !== undefined) {
    problems.add(path, `becomes "${name}", which "${other}" already is`, { ...options, hint: 'rename one of them' });
    return undefined;
  }
  named.set(name, rawName);
  if (name !== rawName) notes.add(path, `is called "${name}" here`, options);
  return name;
}
