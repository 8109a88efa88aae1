import type { ProblemList } from '../problem.ts';
import type { CheckedConfig } from '../schema/config-file.ts';

/** The keys that mean something for each kind of sink. */
const KEYS = {
  file: ['directory', 'sync', 'segmentSize', 'segmentAge', 'keep'],
  stdout: [],
  http: ['url', 'headers', 'format', 'timeout'],
} as const;

const ALWAYS: ReadonlySet<string> = new Set(['type', 'onFailure']);

/** What each kind cannot be without. */
const NEEDED = { file: 'directory', stdout: undefined, http: 'url' } as const;

const LOOPBACK = /^(?:localhost|127(?:\.\d{1,3}){3}|\[::1\])$/;

type Sink = NonNullable<CheckedConfig['audit']>['sinks'][number];

/** What sinks need, each for itself and beside the others. */
export function checkAudit({ audit }: CheckedConfig, problems: ProblemList): void {
  const sinks = audit?.sinks ?? [];
  for (const [index, sink] of sinks.entries()) {
    checkKeys(sink, index, problems);
    const other = sinks.findIndex((one) => placeOf(one) === placeOf(sink));
    if (other === index) continue;
    const problem =
      sink.type === 'file' ? 'there can be one sink of type file' : `writes where sink ${other + 1} writes`;
    problems.add(['audit', 'sinks', index], problem);
  }
}

function checkKeys(sink: Sink, index: number, problems: ProblemList): void {
  const path = ['audit', 'sinks', index];
  const known: readonly string[] = KEYS[sink.type];
  for (const key of Object.keys(sink)) {
    if (ALWAYS.has(key) || known.includes(key)) continue;
    problems.add([...path, key], `means nothing for a sink of type ${sink.type}`, { part: 'key' });
  }
  const needed = NEEDED[sink.type];
  if (needed !== undefined && sink[needed] === undefined) problems.add(path, `missing key "${needed}"`);
  if (sink.url === undefined || isSecure(sink.url)) return;
  problems.add([...path, 'url'], 'must be an https:// URL (http:// on this machine alone)');
}

function isSecure(url: string): boolean {
  const { protocol, hostname } = new URL(url);
  return protocol === 'https:' || LOOPBACK.test(hostname);
}

/** There is one chain, and one folder that it goes on in. */
function placeOf({ type, url }: Sink): string {
  return type === 'http' ? `${type} ${url ?? ''}` : type;
}
