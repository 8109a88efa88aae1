// What the settings are, for editors and readers: a host that serves needs none of it.
export { configJsonSchema, serverJsonSchema } from './json-schema.ts';
export { configReference } from './reference.ts';
