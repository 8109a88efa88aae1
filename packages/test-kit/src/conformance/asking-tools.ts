import { fromJsonSchema, inputRequired, inputResponse } from '@modelcontextprotocol/server';
import type {
  CallToolResult,
  ElicitRequestFormParams,
  ElicitResult,
  InputRequiredResult,
  McpServer,
  RequestId,
  ServerContext,
} from '@modelcontextprotocol/server';
import type { Era } from './fixture.ts';

/**
 * Tools that ask the way their era asks: a request pushed to the client while the call is open (legacy),
 * or an `input_required` result and a second call (modern). A server written for one era has only that way.
 */
export function registerAskingTools(server: McpServer, era: Era): void {
  server.registerTool(
    'test_sampling',
    {
      description: 'Asks the client for a completion',
      inputSchema: fromJsonSchema<{ prompt: string }>(oneString('prompt', 'What to ask')),
    },
    ({ prompt }, context) => sample(context, era, prompt),
  );
  server.registerTool(
    'test_elicitation',
    {
      description: 'Asks the user for name and e-mail',
      inputSchema: fromJsonSchema<{ message: string }>(oneString('message', 'What the user sees')),
    },
    async ({ message }, context) =>
      showAnswer('User response', await askForm(context, era, { message, requestedSchema: contactForm })),
  );
  server.registerTool(
    'test_elicitation_sep1034_defaults',
    { description: 'Asks with default values' },
    async (context) =>
      showAnswer(
        'Elicitation completed',
        await askForm(context, era, { message: 'Please check the values', requestedSchema: formWithDefaults }),
      ),
  );
  server.registerTool(
    'test_elicitation_sep1330_enums',
    { description: 'Asks with every kind of choice' },
    async (context) =>
      showAnswer(
        'Elicitation completed',
        await askForm(context, era, { message: 'Please choose', requestedSchema: formWithChoices }),
      ),
  );
  server.registerTool('test_elicitation_url', { description: 'Sends the user to a page' }, async (context) =>
    showAnswer('Page', await askPage(context, era)),
  );
  server.registerTool('test_list_roots', { description: 'Asks for the roots' }, (context) => askRoots(context, era));
  if (era === 'legacy') registerUnrelatedQuestion(server);
}

/** What many servers do, because it is the default of the SDKs: the question does not say to which call it belongs. */
function registerUnrelatedQuestion(server: McpServer): void {
  server.registerTool(
    'test_elicitation_unrelated',
    { description: 'Asks on the stream of the session' },
    async (context) =>
      showAnswer(
        'User response',
        await context.mcpReq.elicitInput({ message: 'Who are you?', requestedSchema: contactForm }),
      ),
  );
}

/** Without this the SDK writes to the session's GET stream, where a question is lost when nobody listens yet. */
function onCallStream(context: ServerContext): { readonly relatedRequestId: RequestId } {
  return { relatedRequestId: context.mcpReq.id };
}

async function sample(context: ServerContext, era: Era, prompt: string): Promise<CallToolResult | InputRequiredResult> {
  const question = {
    messages: [{ role: 'user' as const, content: { type: 'text' as const, text: prompt } }],
    maxTokens: 100,
  };
  if (era === 'legacy') return showCompletion(await context.mcpReq.requestSampling(question, onCallStream(context)));
  const answer = inputResponse(context.mcpReq.inputResponses, 'completion');
  if (answer.kind === 'sampling') return showCompletion(answer.result);
  return inputRequired({ inputRequests: { completion: inputRequired.createMessage(question) } });
}

function showCompletion({ content }: { readonly content: unknown }): CallToolResult {
  const first: unknown = Array.isArray(content) ? content[0] : content;
  const isText = typeof first === 'object' && first !== null && 'text' in first;
  return { content: [{ type: 'text', text: `LLM response: ${isText ? String(first.text) : JSON.stringify(first)}` }] };
}

async function askForm(
  context: ServerContext,
  era: Era,
  question: ElicitRequestFormParams,
): Promise<ElicitResult | InputRequiredResult> {
  if (era === 'legacy') return context.mcpReq.elicitInput(question, onCallStream(context));
  const answer = inputResponse(context.mcpReq.inputResponses, 'form');
  if (answer.kind !== 'elicit') return inputRequired({ inputRequests: { form: inputRequired.elicit(question) } });
  return { action: answer.action, ...(answer.content && { content: answer.content as ElicitResult['content'] }) };
}

async function askPage(context: ServerContext, era: Era): Promise<ElicitResult | InputRequiredResult> {
  const page = { message: 'Please log in', url: 'https://login.example/start' };
  if (era === 'legacy') {
    const question = { mode: 'url' as const, elicitationId: 'page-1', ...page };
    return context.mcpReq.elicitInput(question, onCallStream(context));
  }
  const answer = inputResponse(context.mcpReq.inputResponses, 'page');
  if (answer.kind !== 'elicit') return inputRequired({ inputRequests: { page: inputRequired.elicitUrl(page) } });
  return { action: answer.action };
}

async function askRoots(context: ServerContext, era: Era): Promise<CallToolResult | InputRequiredResult> {
  if (era === 'legacy') {
    const question = { method: 'roots/list' as const };
    return showRoots((await context.mcpReq.send(question, onCallStream(context))).roots);
  }
  const answer = inputResponse(context.mcpReq.inputResponses, 'roots');
  if (answer.kind === 'roots') return showRoots(answer.roots);
  return inputRequired({ inputRequests: { roots: inputRequired.listRoots() } });
}

function showRoots(roots: readonly { readonly uri: string }[]): CallToolResult {
  return { content: [{ type: 'text', text: `Roots: ${roots.map(({ uri }) => uri).join(', ')}` }] };
}

function showAnswer(label: string, answer: ElicitResult | InputRequiredResult): CallToolResult | InputRequiredResult {
  if (!isElicitResult(answer)) return answer;
  const { action, content } = answer;
  return { content: [{ type: 'text', text: `${label}: action=${action}, content=${JSON.stringify(content ?? {})}` }] };
}

function isElicitResult(answer: ElicitResult | InputRequiredResult): answer is ElicitResult {
  return 'action' in answer;
}

function oneString(name: string, description: string): Parameters<typeof fromJsonSchema>[0] {
  return { type: 'object', properties: { [name]: { type: 'string', description } }, required: [name] };
}

type Form = ElicitRequestFormParams['requestedSchema'];

const contactForm: Form = {
  type: 'object',
  properties: {
    username: { type: 'string', description: "User's response" },
    email: { type: 'string', description: "User's email address" },
  },
  required: ['username', 'email'],
};

const formWithDefaults: Form = {
  type: 'object',
  properties: {
    name: { type: 'string', default: 'John Doe' },
    age: { type: 'integer', default: 30 },
    score: { type: 'number', default: 95.5 },
    status: { type: 'string', enum: ['active', 'inactive', 'pending'], default: 'active' },
    verified: { type: 'boolean', default: true },
  },
};

const titled = [
  { const: 'value1', title: 'First' },
  { const: 'value2', title: 'Second' },
  { const: 'value3', title: 'Third' },
];

const formWithChoices: Form = {
  type: 'object',
  properties: {
    untitledSingle: { type: 'string', enum: ['option1', 'option2', 'option3'] },
    titledSingle: { type: 'string', oneOf: titled },
    legacyEnum: {
      type: 'string',
      enum: ['opt1', 'opt2', 'opt3'],
      enumNames: ['Option One', 'Option Two', 'Option Three'],
    },
    untitledMulti: { type: 'array', items: { type: 'string', enum: ['option1', 'option2', 'option3'] } },
    titledMulti: { type: 'array', items: { anyOf: titled } },
  },
};
