// server-memory takes a relative MEMORY_FILE_PATH from its own folder and does not create folders; ours is beside this file.
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';

const folder = join(import.meta.dirname, '.data');
mkdirSync(folder, { recursive: true });
process.env.MEMORY_FILE_PATH = join(folder, 'memory.jsonl');
await import('@modelcontextprotocol/server-memory/dist/index.js');
