import { appendFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import type { JsonObject } from '@hostler/kernel';
import { resultOf } from './things.ts';

/** The server `one`, as a program: writes down every request in the file that it is given. */
const [, , file = ''] = process.argv;

interface Asked {
  readonly id?: number | string;
  readonly method?: string;
  readonly params?: JsonObject;
}

for await (const line of createInterface(process.stdin)) {
  const { id, method, params = {} } = JSON.parse(line) as Asked;
  if (id === undefined) continue;
  const isModern = JSON.stringify(params).includes('io.modelcontextprotocol/protocolVersion');
  if (!isModern) appendFileSync(file, `${line}\n`);
  const result = isModern ? undefined : resultOf('one', method, params);
  const outcome = result === undefined ? { error: { code: -32_601, message: 'Unknown method' } } : { result };
  process.stdout.write(`${JSON.stringify({ jsonrpc: '2.0', id, ...outcome })}\n`);
}
