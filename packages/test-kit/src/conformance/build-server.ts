import { McpServer } from '@modelcontextprotocol/server';
import type { RegisteredPrompt, RegisteredTool, ServerEvent } from '@modelcontextprotocol/server';
import { registerAskingTools } from './asking-tools.ts';
import { registerContentTools } from './content-tools.ts';
import {
  registerCapabilityTools,
  registerChangeTools,
  registerNotifyingTools,
  registerWaitingTools,
} from './diagnostic-tools.ts';
import type { Era, Fixture } from './fixture.ts';
import { registerInputRequiredTools } from './input-required-tools.ts';
import { registerPrompts } from './prompts.ts';
import { registerResources } from './resources.ts';

/** A server for one serving unit: a request (modern HTTP), a session (legacy HTTP) or a connection (stdio). */
export function buildServer(fixture: Fixture, era: Era): McpServer {
  const server = new McpServer(
    { name: 'hostler-conformance', version: '1.0.0', title: 'Conformance fixture' },
    {
      capabilities: {
        tools: { listChanged: true },
        prompts: { listChanged: true },
        resources: { listChanged: true, subscribe: true },
        completions: {},
        logging: {},
      },
      instructions: 'A fixture: every tool shows one thing a server may do.',
      requestState: { verify: (state, context) => fixture.requestState.verify(state, context) },
      cacheHints: { 'tools/list': { ttlMs: 5_000, cacheScope: 'public' } },
    },
  );
  registerContentTools(server);
  registerNotifyingTools(server);
  registerWaitingTools(server, fixture);
  registerCapabilityTools(server);
  registerAskingTools(server, era);
  registerInputRequiredTools(server, fixture);
  registerChangeTools(server, fixture);
  registerPrompts(server);
  registerResources(server);
  registerCompletion(server);
  registerExtras(server, fixture);
  return server;
}

/**
 * A server that outlives a request: tells its client about changes and, in the legacy era, keeps track of what the
 * client subscribed to. Modern HTTP needs none of this, there the SDK's handler feeds the listen streams.
 */
export function buildLastingServer(fixture: Fixture, era: Era): McpServer {
  const server = buildServer(fixture, era);
  const watched = era === 'legacy' ? trackSubscriptions(server) : undefined;
  const stop = fixture.changes.subscribe((event) => {
    if (event.kind !== 'resource_updated' || (watched?.has(event.uri) ?? true)) announce(server, event);
  });
  const previous = server.server.onclose;
  server.server.onclose = () => {
    stop();
    previous?.();
  };
  return server;
}

function announce(server: McpServer, event: ServerEvent): void {
  switch (event.kind) {
    case 'tools_list_changed':
      return server.sendToolListChanged();
    case 'prompts_list_changed':
      return server.sendPromptListChanged();
    case 'resources_list_changed':
      return server.sendResourceListChanged();
    case 'resource_updated':
      // The client may leave between the event and the write; then there is nobody left to tell.
      void server.server.sendResourceUpdated({ uri: event.uri }).catch(() => undefined);
  }
}

function trackSubscriptions(server: McpServer): ReadonlySet<string> {
  const watched = new Set<string>();
  server.server.setRequestHandler('resources/subscribe', ({ params }) => {
    watched.add(params.uri);
    return {};
  });
  server.server.setRequestHandler('resources/unsubscribe', ({ params }) => {
    watched.delete(params.uri);
    return {};
  });
  return watched;
}

function registerCompletion(server: McpServer): void {
  const cities = ['paris', 'park', 'party', 'berlin'];
  server.server.setRequestHandler('completion/complete', ({ params }) => {
    const values = cities.filter((city) => city.startsWith(params.argument.value));
    return { completion: { values, total: values.length, hasMore: false } };
  });
}

/** The list is asked for as often as anybody likes, so presence is decided there and not at registration. */
function registerExtras(server: McpServer, { lists }: Fixture): void {
  const tool = server.registerTool('test_extra_tool', { description: 'Comes and goes' }, () => ({
    content: [{ type: 'text', text: 'extra' }],
  }));
  const prompt = server.registerPrompt('test_extra_prompt', { description: 'Comes and goes' }, () => ({
    messages: [{ role: 'user', content: { type: 'text', text: 'extra' } }],
  }));
  follow(tool, () => lists.hasExtraTool);
  follow(prompt, () => lists.hasExtraPrompt);
}

function follow(registered: RegisteredTool | RegisteredPrompt, isEnabled: () => boolean): void {
  Object.defineProperty(registered, 'enabled', { get: isEnabled });
}
