// Writes pairs of records into a folder: `<count>` of them, or without an end, of which each second has no outcome.
import { createAuditKey, createFileSink, openAudit } from '@hostler/audit';
import { Payload } from '@hostler/kernel';

const [directory = '', name = '', count = ''] = process.argv.slice(2);
const silent = (): void => undefined;
const log = { debug: silent, info: silent, warn: silent, error: silent };
const clock = {
  now: () => performance.now(),
  after(delay: number, callback: () => void) {
    const timer = setTimeout(callback, delay);
    return () => clearTimeout(timer);
  },
};
const audit = await openAudit({
  sinks: [{ sink: createFileSink({ directory, sync: 'never', clock, log }), onFailure: 'closed' }],
  key: createAuditKey(Buffer.alloc(32, 7)),
  clock,
  log,
  time: Date.now,
  redact: (text) => text,
  wait: 'all',
  generation: () => 1,
  secretsOf: () => [],
  showsValues: () => false,
});
const isEndless = count === 'endless';
for (let index = 0; isEndless || index < Number(count); index += 1) {
  const request = { method: 'tools/call', params: { name: 'write', arguments: { index } } };
  const call = audit.calls.begin({
    id: `${name}-${index}`,
    request,
    scope: { kind: 'all' },
    consumer: { name },
    client: { era: 'modern', protocolVersion: '2026-07-28', capabilities: {} },
    signal: new AbortController().signal,
    notify: silent,
    ask: () => Promise.reject(new Error('nobody is asked')),
  });
  await call.intent({ server: 'one', request, mayChange: true });
  process.stdout.write(`${name}-${index}\n`);
  if (isEndless && index % 2 === 1) continue;
  call.outcome({ kind: 'result', era: 'modern', payload: Payload.of({}) }, { isToolError: false });
}
await audit.close();
