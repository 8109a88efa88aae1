import { parseArgs } from 'node:util';
import { createFixture } from './conformance/fixture.ts';
import { serveHttp } from './conformance/serve-http.ts';
import { serveStdio } from './conformance/serve-stdio.ts';

const usage = 'conformance-server.ts (--stdio | --http [--port 0]) [--era dual|legacy|modern|pinned]\n';

const { values } = parseArgs({
  options: {
    stdio: { type: 'boolean', default: false },
    http: { type: 'boolean', default: false },
    port: { type: 'string', default: '0' },
    era: { type: 'string', default: 'dual' },
  },
});
const { era, stdio, http } = values;

if (stdio && isStdioEra(era)) {
  await serveStdio(createFixture(), era);
} else if (http && isStdioEra(era) && era !== 'pinned') {
  const url = await serveHttp(createFixture(), era, Number(values.port));
  process.stdout.write(`${JSON.stringify({ url })}\n`);
} else {
  process.stderr.write(usage);
  process.exitCode = 2;
}

function isStdioEra(value: string): value is 'dual' | 'legacy' | 'modern' | 'pinned' {
  return ['dual', 'legacy', 'modern', 'pinned'].includes(value);
}
