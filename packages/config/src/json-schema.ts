import type { JsonObject } from '@hostler/kernel';
import { toJsonSchema } from '@valibot/to-json-schema';
import type { ConversionConfig } from '@valibot/to-json-schema';
import { configSchema } from './schema/config-file.ts';
import { server } from './schema/server.ts';

const OPTIONS: ConversionConfig = {
  target: 'draft-2020-12',
  typeMode: 'input',
  // Rules in code (ranges of durations, refused names) have no counterpart.
  ignoreActions: ['check'],
};

/** JSON Schema (2020-12) of the file, for editors. It accepts a little more than `loadConfig`, which has the last word. */
export function configJsonSchema(): JsonObject {
  const schema = toJsonSchema(configSchema, OPTIONS);
  return { ...(schema as JsonObject), title: 'Hostler configuration' };
}

/** The part of it that describes the settings of one server. */
export function serverJsonSchema(): JsonObject {
  return toJsonSchema(server, OPTIONS) as JsonObject;
}
