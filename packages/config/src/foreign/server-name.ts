/** The nearest name that Hostler allows; `undefined` when nothing of it is left. */
export function toServerName(name: string): string | undefined {
  const mapped = name
    .normalize('NFKD')
    .replaceAll(/\p{M}/gu, '')
    .replaceAll(/[^A-Za-z0-9_-]+/g, '-')
    .replaceAll(/_+/g, '_')
    .replaceAll(/^[_-]+/g, '')
    .slice(0, 32)
    .replaceAll(/[_-]+$/g, '');
  return mapped === '' ? undefined : mapped;
}
