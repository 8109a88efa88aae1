export { buildCatalog } from './catalog.ts';
export type { Catalog, CatalogEntry, Conflict, ServerLists } from './catalog.ts';
export { readDefinitions, readNextCursor } from './definition.ts';
export type { Definition } from './definition.ts';
export { listPage } from './page.ts';
export { publicName } from './public-name.ts';
export { matchesTemplate } from './uri-template.ts';
