/** Every scope once, in the order in which it came. */
export function unionOf(...scopes: readonly (string | undefined)[]): string | undefined {
  const all = scopes.flatMap((scope) => (scope ?? '').split(' ')).filter((scope) => scope !== '');
  return all.length === 0 ? undefined : [...new Set(all)].join(' ');
}
