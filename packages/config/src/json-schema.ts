import type { JsonObject } from '@hostler/kernel';
import { toJsonSchema } from '@valibot/to-json-schema';
import { configSchema } from './schema/config-file.ts';

/** JSON Schema (2020-12) of the file, for editors. It accepts a little more than `loadConfig`, which has the last word. */
export function configJsonSchema(): JsonObject {
  const schema = toJsonSchema(configSchema, {
    target: 'draft-2020-12',
    typeMode: 'input',
    // Rules in code (ranges of durations, refused names) have no counterpart.
    ignoreActions: ['check'],
  });
  return { ...(schema as JsonObject), title: 'Hostler configuration' };
}
