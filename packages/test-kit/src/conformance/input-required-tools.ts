import {
  acceptedContent,
  CLIENT_CAPABILITIES_META_KEY,
  inputRequired,
  inputResponse,
} from '@modelcontextprotocol/server';
import type {
  CallToolResult,
  ClientCapabilities,
  InputRequest,
  InputRequests,
  McpServer,
  ServerContext,
} from '@modelcontextprotocol/server';
import type { Fixture } from './fixture.ts';

const text = (value: string): CallToolResult => ({ content: [{ type: 'text', text: value }] });

/** Tools that answer `input_required`; on a legacy session the SDK turns each request into a pushed one. */
export function registerInputRequiredTools(server: McpServer, fixture: Fixture): void {
  registerSingleQuestions(server);
  registerStatefulQuestions(server, fixture);
  server.registerTool(
    'test_input_required_result_capabilities',
    { description: 'Asks only what the client said it can answer' },
    (context) => {
      if (Object.keys(context.mcpReq.inputResponses ?? {}).length > 0) return text('answered');
      const inputRequests = requestsFor(capabilitiesOf(server, context));
      return Object.keys(inputRequests).length === 0 ? text('nothing to ask') : inputRequired({ inputRequests });
    },
  );
}

function registerSingleQuestions(server: McpServer): void {
  server.registerTool('test_input_required_result_elicitation', { description: 'Asks for a name' }, (context) => {
    const name = acceptedContent(context.mcpReq.inputResponses, 'user_name')?.['name'];
    return typeof name === 'string'
      ? text(`Hello, ${name}!`)
      : inputRequired({ inputRequests: { user_name: askName } });
  });
  server.registerTool('test_input_required_result_sampling', { description: 'Asks for a completion' }, (context) => {
    const answer = inputResponse(context.mcpReq.inputResponses, 'capital_question');
    return answer.kind === 'sampling'
      ? text(JSON.stringify(answer.result.content))
      : inputRequired({ inputRequests: { capital_question: askModel('What is the capital of France?', 100) } });
  });
  server.registerTool('test_input_required_result_list_roots', { description: 'Asks for the roots' }, (context) => {
    const answer = inputResponse(context.mcpReq.inputResponses, 'client_roots');
    return answer.kind === 'roots'
      ? text(`Roots: ${answer.roots.map((root) => root.uri).join(', ')}`)
      : inputRequired({ inputRequests: { client_roots: inputRequired.listRoots() } });
  });
}

function registerStatefulQuestions(server: McpServer, { requestState }: Fixture): void {
  for (const name of ['test_input_required_result_request_state', 'test_input_required_result_tampered_state']) {
    server.registerTool(name, { description: 'Asks once and checks the state that comes back' }, async (context) => {
      const accepted = acceptedContent(context.mcpReq.inputResponses, 'confirm') !== undefined;
      if (accepted && context.mcpReq.requestState() !== undefined) return text('state-ok');
      return inputRequired({
        inputRequests: { confirm: askConfirmation },
        requestState: await requestState.mint({ asked: 'confirm' }, context),
      });
    });
  }
  server.registerTool(
    'test_input_required_result_multiple_inputs',
    { description: 'Asks three things at once' },
    async (context) => {
      const answered = ['user_name', 'greeting', 'client_roots'].every(
        (key) => inputResponse(context.mcpReq.inputResponses, key).kind !== 'missing',
      );
      if (answered && context.mcpReq.requestState() !== undefined) return text('all answered');
      return inputRequired({
        inputRequests: {
          user_name: askName,
          greeting: askModel('Generate a greeting', 50),
          client_roots: inputRequired.listRoots(),
        },
        requestState: await requestState.mint({ asked: 'everything' }, context),
      });
    },
  );
  server.registerTool(
    'test_input_required_result_multi_round',
    { description: 'Asks for a name, then for a colour' },
    async (context) => {
      const state = context.mcpReq.requestState<RoundState>();
      const name = state?.name ?? acceptedContent(context.mcpReq.inputResponses, 'step1')?.['name'];
      const color = acceptedContent(context.mcpReq.inputResponses, 'step2')?.['color'];
      if (state === undefined || typeof name !== 'string') {
        return inputRequired({
          inputRequests: { step1: askString('Step 1: What is your name?', 'name') },
          requestState: await requestState.mint({ round: 1 } satisfies RoundState, context),
        });
      }
      if (state.round === 2 && typeof color === 'string') return text(`${name} likes ${color}`);
      return inputRequired({
        inputRequests: { step2: askString('Step 2: What is your favorite color?', 'color') },
        requestState: await requestState.mint({ round: 2, name } satisfies RoundState, context),
      });
    },
  );
}

interface RoundState {
  readonly round: number;
  readonly name?: string;
}

function capabilitiesOf(server: McpServer, context: ServerContext): ClientCapabilities {
  const envelope: Readonly<Record<string, unknown>> = context.mcpReq.envelope ?? {};
  const declared = envelope[CLIENT_CAPABILITIES_META_KEY] as ClientCapabilities | undefined;
  return declared ?? server.server.getClientCapabilities() ?? {};
}

function requestsFor(capabilities: ClientCapabilities): InputRequests {
  return {
    ...(capabilities.elicitation && { user_name: askName }),
    ...(capabilities.sampling && { greeting: askModel('Generate a greeting', 50) }),
    ...(capabilities.roots && { client_roots: inputRequired.listRoots() }),
  };
}

const askString = (message: string, property: string): InputRequest =>
  inputRequired.elicit({
    message,
    requestedSchema: { type: 'object', properties: { [property]: { type: 'string' } }, required: [property] },
  });

const askName = askString('What is your name?', 'name');

const askConfirmation = inputRequired.elicit({
  message: 'Please confirm',
  requestedSchema: { type: 'object', properties: { ok: { type: 'boolean' } }, required: ['ok'] },
});

const askModel = (question: string, maxTokens: number): InputRequest =>
  inputRequired.createMessage({
    messages: [{ role: 'user', content: { type: 'text', text: question } }],
    maxTokens,
  });
