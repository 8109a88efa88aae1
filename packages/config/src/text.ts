// What works on the texts of configurations: a host that serves needs none of it.
export { editServers } from './edit-servers.ts';
export { importConfig } from './import-config.ts';
export type { ImportOptions } from './import-config.ts';
export { parseConfig } from './parse.ts';
