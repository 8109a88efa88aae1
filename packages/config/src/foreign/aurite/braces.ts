import type { Setting } from '@hostler/kernel';

const PLACEHOLDER = /\{([A-Za-z_][A-Za-z0-9_]*)\}/g;

/** The names in the placeholders `{NAME}` of a text, which Aurite filled in from its environment. */
export function namesInBraces(text: string): readonly string[] {
  return [...text.matchAll(PLACEHOLDER)].flatMap(([, name]) => (name === undefined ? [] : [name]));
}

/** The text with the placeholders filled in that have a value; the others stay as they are. */
export function fillBraces(text: string, environment: Readonly<Record<string, string | undefined>>): string {
  return text.replaceAll(PLACEHOLDER, (whole, name: string) => {
    return (Object.hasOwn(environment, name) ? environment[name] : undefined) ?? whole;
  });
}

/** A value that may hold a secret: its one placeholder becomes a reference. `undefined` when it has more than one. */
export function toSetting(text: string, referenceOf: (name: string) => string): Setting | undefined {
  const [name, ...others] = namesInBraces(text);
  if (name === undefined) return text;
  if (others.length > 0) return undefined;
  const secret = referenceOf(name);
  const format = text.replace(`{${name}}`, '{}');
  return format === '{}' ? { secret } : { secret, format };
}
