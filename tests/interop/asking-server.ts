import { McpServer } from '@modelcontextprotocol/sdk/server/mcp.js';
import {
  CreateMessageResultSchema,
  ElicitResultSchema,
  ListRootsResultSchema,
  UrlElicitationRequiredError,
} from '@modelcontextprotocol/sdk/types.js';
import type { ServerNotification, ServerRequest } from '@modelcontextprotocol/sdk/types.js';
import type { RequestHandlerExtra } from '@modelcontextprotocol/sdk/shared/protocol.js';
import { z } from 'zod';

type Extra = RequestHandlerExtra<ServerRequest, ServerNotification>;

const page = {
  mode: 'url',
  message: 'Please sign in',
  url: 'https://example.com/sign-in',
  elicitationId: 'e1',
} as const;

const form = (message: string) => ({
  mode: 'form' as const,
  message,
  requestedSchema: { type: 'object' as const, properties: { name: { type: 'string' as const } } },
});

const told = (value: unknown) => ({ content: [{ type: 'text' as const, text: JSON.stringify(value) }] });

const askName = ({ sendRequest }: Extra, message: string) =>
  sendRequest({ method: 'elicitation/create', params: form(message) }, ElicitResultSchema);

const askRoots = ({ sendRequest }: Extra) => sendRequest({ method: 'roots/list' }, ListRootsResultSchema);

const askModel = ({ sendRequest }: Extra, text: string) =>
  sendRequest(
    {
      method: 'sampling/createMessage',
      params: { messages: [{ role: 'user', content: { type: 'text', text } }], maxTokens: 10 },
    },
    CreateMessageResultSchema,
  );

/** A server of the legacy line that asks its client in the middle of a call, in every way there is. */
export function createAskingServer(): McpServer {
  const server = new McpServer({ name: 'asking', version: '1.0.0' }, { capabilities: { tools: {}, prompts: {} } });
  let isSignedIn = false;
  server.registerTool('form', {}, async (extra) => told(await askName(extra, 'Who are you?')));
  // The default of the SDK: the question does not say to which call it belongs.
  server.registerTool('unrelated', {}, async () => told(await server.server.elicitInput(form('Who?'))));
  server.registerTool('page', {}, async ({ sendRequest }) =>
    told(await sendRequest({ method: 'elicitation/create', params: page }, ElicitResultSchema)),
  );
  server.registerTool('sampling', {}, async (extra) => told(await askModel(extra, 'Capital of France?')));
  server.registerTool('roots', {}, async (extra) => told(await askRoots(extra)));
  server.registerTool('three', {}, async (extra) =>
    told(await Promise.all([askName(extra, 'Who?'), askModel(extra, 'Hi'), askRoots(extra)])),
  );
  server.registerTool('rounds', { inputSchema: { rounds: z.number() } }, async ({ rounds }, extra) => {
    const answers: unknown[] = [];
    for (let round = 1; round <= rounds; round++) {
      // oxlint-disable-next-line no-await-in-loop -- one question after the other
      const { action, content } = await askName(extra, `Round ${round}?`);
      answers.push({ action, content });
    }
    return told(answers);
  });
  server.registerTool('sign-in', {}, () => {
    if (isSignedIn) return told('signed in');
    isSignedIn = true;
    throw new UrlElicitationRequiredError([page]);
  });
  server.prompt('asks', async (extra) => {
    const answer = await askName(extra, 'Which one?');
    return { messages: [{ role: 'user', content: { type: 'text', text: JSON.stringify(answer) } }] };
  });
  server.registerResource('asks', 'asks://name', {}, async (uri, extra) => ({
    contents: [{ uri: uri.href, text: JSON.stringify(await askName(extra, 'For what?')) }],
  }));
  return server;
}
