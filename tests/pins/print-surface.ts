// Prints the surface of every published package, for public-surface.json:
//   node --conditions=@hostler/source tests/pins/print-surface.ts > tests/pins/public-surface.json
// Read the difference before it is committed: every line of it is something that strangers will notice.
import { readSurface } from './surface.ts';
import { publishedPackages } from './workspace.ts';

const surfaces: Record<string, unknown> = {};
for (const each of publishedPackages()) surfaces[each.manifest.name] = await readSurface(each);
process.stdout.write(`${JSON.stringify(surfaces, null, 2)}\n`);
