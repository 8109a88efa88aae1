import { isJsonObject } from '@hostler/kernel';
import type { Json, JsonObject } from '@hostler/kernel';

/** Paths in one argument; more are not looked at but refused. */
const MAX_VALUES = 1_000;

/**
 * The texts that an argument holds: a text, or a list of texts. Dots in the name lead into objects, and through lists of
 * objects to each of them.
 * @returns undefined when something else stands there
 */
export function pathValues(values: JsonObject, name: string): readonly string[] | undefined {
  const found: string[] = [];
  const isSound = collect(values[name], found) && descend(values, name, found);
  return isSound && found.length <= MAX_VALUES ? found : undefined;
}

/** Every split of the name at its dots is tried: a key may have dots of its own. */
function descend(values: JsonObject, name: string, found: string[]): boolean {
  for (let dot = name.indexOf('.'); dot !== -1; dot = name.indexOf('.', dot + 1)) {
    const inner = values[name.slice(0, dot)];
    const rest = name.slice(dot + 1);
    for (const one of Array.isArray(inner) ? inner : [inner]) {
      if (!isJsonObject(one)) continue;
      if (!collect(one[rest], found) || !descend(one, rest, found)) return false;
      if (found.length > MAX_VALUES) return false;
    }
  }
  return true;
}

function collect(value: Json | undefined, found: string[]): boolean {
  if (value === undefined || value === null) return true;
  if (typeof value === 'string') return found.push(value) > 0;
  return Array.isArray(value) && value.length <= MAX_VALUES && value.every((one) => collectText(one, found));
}

function collectText(value: Json, found: string[]): boolean {
  return typeof value === 'string' && found.push(value) > 0;
}
