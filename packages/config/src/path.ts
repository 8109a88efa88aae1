import { holdsToken } from './token-shapes.ts';

/** The keys and indexes that lead from the top of a configuration to one of its values. */
export type Path = readonly (string | number)[];

const PLAIN_KEY = /^[\w$-]+$/;

/** `servers.github.args[0]`; keys with other characters are quoted, and one that holds a secret by its form is not shown. */
export function showPath(path: Path): string {
  let shown = '';
  for (const step of path) {
    if (typeof step === 'number') shown += `[${step}]`;
    else if (holdsToken(step)) shown += '[…]';
    else if (!PLAIN_KEY.test(step)) shown += `[${JSON.stringify(step)}]`;
    else shown += shown === '' ? step : `.${step}`;
  }
  return shown;
}

/** The same as a JSON Pointer (RFC 6901). */
export function toPointer(path: Path): string {
  return path.map((step) => `/${String(step).replaceAll('~', '~0').replaceAll('/', '~1')}`).join('');
}
