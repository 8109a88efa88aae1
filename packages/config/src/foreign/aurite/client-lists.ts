import { isJsonObject } from '@hostler/kernel';
import type { Json } from '@hostler/kernel';
import type { TranslationContext } from '../translation-context.ts';

/** Names of components, and the URIs of resources. */
export function toPatterns(names: Json): Json {
  if (!Array.isArray(names)) return names;
  return names.map((name: Json) => (typeof name === 'string' && name.includes('://') ? `resource:${name}` : name));
}

const KINDS: ReadonlyMap<Json, string> = new Map([
  ['tools', 'tool:*'],
  ['prompts', 'prompt:*'],
  ['resources', 'resource:*'],
]);

/** Aurite offered the kinds of things that a client declared, whatever else its server had. */
export function toInclude(capabilities: Json): { readonly include?: Json } {
  if (!Array.isArray(capabilities)) return { include: capabilities };
  const include = capabilities.flatMap((capability: Json) => KINDS.get(capability) ?? []);
  return include.length === 0 || include.length === KINDS.size ? {} : { include };
}

/** Aurite told no server of its roots; here they are told and kept to. Only folders can be. */
export function toRoots(name: string, roots: Json, { notes, paths }: TranslationContext): { readonly roots?: Json } {
  if (!Array.isArray(roots)) return { roots };
  const path = ['servers', name, 'roots'];
  const origin = [...paths.toFilePath(path.slice(0, 2)), 'roots'];
  const kept: Json[] = [];
  for (const [index, root] of (roots as readonly Json[]).entries()) {
    if (!isJsonObject(root) || typeof root['uri'] !== 'string') {
      kept.push(root);
    } else if (/^file:\/\//i.test(root['uri'])) {
      const { uri, name: title } = root;
      kept.push({ path: uri, ...(typeof title === 'string' && title !== '' && { name: title }) });
    } else {
      notes.add([...origin, index], 'is not used: only folders are roots, as file:/// URIs', { inFile: true });
      continue;
    }
    paths.set([...path, kept.length - 1], [...origin, index]);
    paths.set([...path, kept.length - 1, 'path'], [...origin, index, 'uri']);
  }
  if (kept.length === 0) return {};
  notes.add(origin, 'are kept to here: the server is told of them, and resources outside are refused', {
    inFile: true,
    part: 'key',
  });
  return { roots: kept };
}
