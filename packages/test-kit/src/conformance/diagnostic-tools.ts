import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import { inputRequired } from '@modelcontextprotocol/server';
import type { CallToolResult, McpServer, ServerContext } from '@modelcontextprotocol/server';
import type { Fixture } from './fixture.ts';

const text = (value: string): CallToolResult => ({ content: [{ type: 'text', text: value }] });

/** The suite wants a pause between notifications, so that a client must deliver them one by one. */
const pause = 50;

/** Tools that notify while they run. */
export function registerNotifyingTools(server: McpServer): void {
  server.registerTool('test_tool_with_logging', { description: 'Sends three log messages' }, async (context) => {
    await logThrice(context);
    return text('Logging finished');
  });
  server.registerTool(
    'test_logging_tool',
    { description: 'Logs only for those who asked for logs' },
    async (context) => {
      await logThrice(context);
      return text('Logging finished');
    },
  );
  server.registerTool('test_tool_with_progress', { description: 'Reports progress' }, async (context) => {
    for (const progress of [0, 50, 100]) {
      if (progress > 0) await delay(pause, undefined, { signal: context.mcpReq.signal });
      await reportProgress(context, progress);
    }
    return text('Progress finished');
  });
  server.registerTool(
    'test_progress_burst',
    { description: 'Reports progress fifty times at once' },
    async (context) => {
      for (let progress = 1; progress <= 50; progress += 1) await reportProgress(context, progress);
      return text('Burst finished');
    },
  );
  server.registerTool('test_log_levels', { description: 'Logs once on each of four levels' }, async (context) => {
    for (const level of ['debug', 'info', 'warning', 'error'] as const) {
      await context.mcpReq.log(level, `A line of level ${level}`, 'conformance');
    }
    return text('Levels finished');
  });
  server.registerTool(
    'test_reconnection',
    { description: 'Drops its stream before it answers; legacy clients resume with Last-Event-ID' },
    async (context) => {
      context.http?.closeSSE?.();
      await delay(pause);
      return text('Reconnected');
    },
  );
}

/** A tool that waits until it is cancelled, and one that says how often that was. */
export function registerWaitingTools(server: McpServer, fixture: Fixture): void {
  server.registerTool('test_wait', { description: 'Waits until it is cancelled' }, async (context) => {
    await reportProgress(context, 0);
    const { signal } = context.mcpReq;
    if (!signal.aborted) await once(signal, 'abort', { signal: AbortSignal.timeout(longestWait) });
    fixture.cancelled += 1;
    return text('cancelled');
  });
  server.registerTool('test_wait_cancelled', { description: 'How often test_wait was cancelled' }, () =>
    text(String(fixture.cancelled)),
  );
}

const longestWait = 60_000;

/** Tools that need a capability from the client. */
export function registerCapabilityTools(server: McpServer): void {
  server.registerTool('test_missing_capability', { description: 'Needs a client that can sample' }, () =>
    inputRequired({
      inputRequests: {
        sample: inputRequired.createMessage({
          messages: [{ role: 'user', content: { type: 'text', text: 'Anything' } }],
          maxTokens: 10,
        }),
      },
    }),
  );
  server.registerTool(
    'test_streaming_elicitation',
    { description: 'Notifies on its stream, then asks' },
    async (context) => {
      await reportProgress(context, 0);
      return inputRequired({
        inputRequests: {
          confirm: inputRequired.elicit({
            message: 'Continue?',
            requestedSchema: { type: 'object', properties: { ok: { type: 'boolean' } }, required: ['ok'] },
          }),
        },
      });
    },
  );
}

/** Tools that change what the server offers. */
export function registerChangeTools(server: McpServer, { changes, lists }: Fixture): void {
  server.registerTool('test_trigger_tool_change', { description: 'Adds or removes test_extra_tool' }, () => {
    lists.hasExtraTool = !lists.hasExtraTool;
    changes.publish({ kind: 'tools_list_changed' });
    return text(lists.hasExtraTool ? 'added' : 'removed');
  });
  server.registerTool('test_trigger_prompt_change', { description: 'Adds or removes test_extra_prompt' }, () => {
    lists.hasExtraPrompt = !lists.hasExtraPrompt;
    changes.publish({ kind: 'prompts_list_changed' });
    return text(lists.hasExtraPrompt ? 'added' : 'removed');
  });
  server.registerTool('test_trigger_resource_update', { description: 'Announces test://watched-resource' }, () => {
    changes.publish({ kind: 'resource_updated', uri: 'test://watched-resource' });
    return text('announced');
  });
}

async function logThrice(context: ServerContext): Promise<void> {
  const lines = ['Tool execution started', 'Tool processing data', 'Tool execution completed'];
  for (const [index, line] of lines.entries()) {
    if (index > 0) await delay(pause, undefined, { signal: context.mcpReq.signal });
    await context.mcpReq.log('info', line, 'conformance');
  }
}

async function reportProgress(context: ServerContext, progress: number): Promise<void> {
  const progressToken = context.mcpReq._meta?.progressToken;
  if (progressToken === undefined) return;
  await context.mcpReq.notify({
    method: 'notifications/progress',
    params: { progressToken, progress, total: 100, message: `${progress} of 100` },
  });
}
