import { setTimeout as delay } from 'node:timers/promises';
import { openLegacySession } from '@hostler/test-kit';
import type { LegacySession } from '@hostler/test-kit';

/** What a cycle works on. */
export interface CycleContext {
  readonly url: string;
  /** Servers that all clients share, to be taken in turn. */
  readonly shared: readonly string[];
  /** Takes down every process that was seen. */
  readonly seen: Set<number>;
  /** Counts the cycles of this run. */
  readonly index: number;
}

export type CycleKind = (context: CycleContext) => Promise<void>;

/** Each leaves nothing behind, if the host does not. */
export const cycleKinds: Readonly<Record<string, CycleKind>> = {
  'kill -9': (context) =>
    withOwnServer(context, async (session, pid) => {
      const hanging = call(session, 'hang');
      process.kill(pid, 'SIGKILL');
      expectError(await hanging, -32_010);
    }),
  'kill -9, shared': async (context) => {
    const server = context.shared[context.index % context.shared.length];
    const session = await open(`${context.url}/servers/${server}/mcp`, {});
    const { structured } = await call(session, 'stats');
    // Not waited for: it starts again with a pause, while the other cycles go on.
    if (typeof structured?.['pid'] === 'number') process.kill(note(context, structured['pid']), 'SIGKILL');
    await session.end();
  },
  'hang, cancelled': (context) =>
    withOwnServer(context, async (session) => {
      const waiting = await Promise.race([
        session.open('tools/call', { name: 'hang', arguments: {} }).catch(() => undefined),
        delay(20, undefined),
      ]);
      waiting?.close();
      await session.send({ jsonrpc: '2.0', method: 'notifications/cancelled', params: { requestId: 2 } });
      expectText(await call(session, 'ok'), 'ok');
    }),
  garbage: async (context) => {
    const session = await open(`${context.url}/servers/steady/mcp`, {});
    expectText(await call(session, 'garbage'), 'after the garbage');
    await session.end();
  },
  'fork, then restart': (context) =>
    withOwnServer(context, async (session) => {
      const { structured } = await call(session, 'fork-grandchild');
      note(context, Number(structured?.['grandchild']));
      expectError(await call(session, 'crash'), -32_010);
      note(context, await pidOfNext(session));
    }),
  'opened and dropped': (context) => withOwnServer(context, async () => undefined),
};

/** A client that can be asked gets a server of its own. */
async function withOwnServer(
  context: CycleContext,
  work: (session: LegacySession, pid: number) => Promise<void>,
): Promise<void> {
  const session = await open(`${context.url}/servers/steady/mcp`, { elicitation: {} });
  try {
    const { structured } = await call(session, 'stats');
    await work(session, note(context, Number(structured?.['pid'])));
  } finally {
    await session.end();
  }
}

/** What is left of the old process goes before the next one comes. */
async function pidOfNext(session: LegacySession): Promise<number> {
  const end = performance.now() + 10_000;
  for (;;) {
    const { structured, code } = await call(session, 'stats');
    if (structured) return Number(structured['pid']);
    if (performance.now() > end) throw new Error(`no new process within 10 s: ${code}`);
    await delay(50);
  }
}

function note({ seen }: CycleContext, pid: number): number {
  if (!(pid > 1)) throw new Error(`not a process: ${pid}`);
  seen.add(pid);
  return pid;
}

const open = (url: string, capabilities: Record<string, unknown>): Promise<LegacySession> =>
  openLegacySession(url, { capabilities, timeout: 45_000 });

interface CallResult {
  readonly text?: string;
  readonly structured?: Readonly<Record<string, unknown>>;
  readonly code?: number;
}

async function call(session: LegacySession, tool: string): Promise<CallResult> {
  const { messages } = await session.call('tools/call', { name: tool, arguments: {} });
  const last = messages.at(-1);
  const result = last?.result as
    | { content?: { text: string }[]; structuredContent?: CallResult['structured'] }
    | undefined;
  return {
    ...(result?.content?.[0] && { text: result.content[0].text }),
    ...(result?.structuredContent && { structured: result.structuredContent }),
    ...(last?.error && { code: last.error.code }),
  };
}

function expectError(result: CallResult, code: number): void {
  if (result.code !== code) throw new Error(`expected ${code}, got ${JSON.stringify(result)}`);
}

function expectText(result: CallResult, text: string): void {
  if (result.text !== text) throw new Error(`expected ${text}, got ${JSON.stringify(result)}`);
}
