import type { UpstreamSpec } from '@hostler/kernel';
import { conformanceServer, startProcess } from '@hostler/test-kit';
import { servePlan } from '../serve.ts';

export interface UpstreamKind {
  readonly name: string;
  readonly transport: 'stdio' | 'http';
  readonly era: 'legacy' | 'modern' | 'dual';
}

export const upstreamKinds: readonly UpstreamKind[] = [
  { name: 'legacy stdio', transport: 'stdio', era: 'legacy' },
  { name: 'legacy HTTP', transport: 'http', era: 'legacy' },
  { name: 'modern HTTP', transport: 'http', era: 'modern' },
  { name: 'dual HTTP', transport: 'http', era: 'dual' },
  { name: 'dual stdio', transport: 'stdio', era: 'dual' },
];

/** A host with this one server, whose name is `x`. */
export interface ServedUpstream extends AsyncDisposable {
  readonly url: string;
}

export async function serveUpstream({ transport, era }: UpstreamKind): Promise<ServedUpstream> {
  await using stack = new AsyncDisposableStack();
  const fixture = conformanceServer(`--${transport}`, '--era', era);
  let reached: UpstreamSpec['transport'];
  if (transport === 'stdio') reached = { kind: 'stdio', ...fixture, env: {}, cwd: process.cwd() };
  else {
    const server = stack.use(await startProcess(fixture.command, fixture.args, { waitFor: /"url"/ }));
    reached = { kind: 'http', url: (JSON.parse(server.firstLine) as { url: string }).url, headers: {} };
  }
  const served = await servePlan([specOf(reached)]);
  stack.defer(() => served.close());
  const owned = stack.move();
  return { url: served.url, [Symbol.asyncDispose]: () => owned.disposeAsync() };
}

const specOf = (transport: UpstreamSpec['transport']): UpstreamSpec => ({
  name: 'x',
  transport,
  era: 'auto',
  interactive: true,
  required: true,
  startTimeout: 15_000,
  callTimeout: 15_000,
});
