// Prints what the commands load until they are ready, for loaded-packages.json:
//   node --conditions=@hostler/source tests/pins/print-loaded-packages.ts > tests/pins/loaded-packages.json
//   pnpm exec oxfmt --write tests/pins/loaded-packages.json
// Read the difference before it is committed: every start pays for each line of it, with time and with memory.
import { loadedBy, pinnedStarts } from './loaded-packages.ts';

const pinned = Object.fromEntries(Object.keys(pinnedStarts).map((name) => [name, loadedBy(name).packages]));
process.stdout.write(`${JSON.stringify(pinned, null, 2)}\n`);
