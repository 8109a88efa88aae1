import { enableCompileCache } from 'node:module';

// Tests start this server very often: with the cache Node strips the types of the files below only once.
enableCompileCache();
const { prepare, readStartup } = await import('./chaos/startup.ts');

const startup = readStartup(process.argv.slice(2));
await prepare(startup);
if (startup.http) {
  // Not loaded for stdio, node:http would be a quarter of the start.
  const { serveHttp } = await import('./chaos/serve-http.ts');
  process.stdout.write(`${JSON.stringify({ url: await serveHttp(startup) })}\n`);
} else {
  const { serveStdio } = await import('./chaos/serve-stdio.ts');
  serveStdio(startup);
}
