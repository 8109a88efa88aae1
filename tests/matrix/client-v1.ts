import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import {
  CreateMessageRequestSchema,
  ElicitRequestSchema,
  ListRootsRequestSchema,
  LoggingMessageNotificationSchema,
  ResourceUpdatedNotificationSchema,
  ToolListChangedNotificationSchema,
} from '@modelcontextprotocol/sdk/types.js';
import { answers, declared, info } from './client.ts';
import type { ClientKind, MatrixClient } from './client.ts';
import { Recorder } from './recorder.ts';

/** The first line of the SDK: legacy era only. */
export const clientV1: ClientKind = {
  name: 'v1 SDK',
  era: 'legacy',
  async connect(url, { askable }) {
    const client = new Client(info, { capabilities: askable ? declared : {} });
    const recorder = new Recorder();
    client.onerror = (error) => recorder.trouble(error);
    if (askable) answerQuestions(client, recorder);
    client.setNotificationHandler(LoggingMessageNotificationSchema, ({ params }) => recorder.log(params.level));
    client.setNotificationHandler(ToolListChangedNotificationSchema, () => recorder.toolsChanged());
    client.setNotificationHandler(ResourceUpdatedNotificationSchema, ({ params }) => recorder.updated(params.uri));
    await client.connect(new StreamableHTTPClientTransport(new URL(url)) as never);
    return matrixClient(client, recorder);
  },
};

function matrixClient(client: Client, recorder: Recorder): MatrixClient {
  return {
    received: recorder,
    async call(name, parameters = {}, { signal, onProgress } = {}) {
      const result = await client.callTool({ name, arguments: parameters }, undefined, {
        ...(signal && { signal }),
        ...(onProgress && { onprogress: ({ progress }) => onProgress(progress) }),
      });
      const [first] = result.content as { text?: string }[];
      return first?.text ?? '';
    },
    toolNames: async () => (await client.listTools()).tools.map(({ name }) => name),
    setLogLevel: async (level) => void (await client.setLoggingLevel(level as never)),
    async listen(uris) {
      for (const uri of uris) await client.subscribeResource({ uri });
    },
    [Symbol.asyncDispose]: () => client.close(),
  };
}

function answerQuestions(client: Client, recorder: Recorder): void {
  client.setRequestHandler(ElicitRequestSchema, ({ method, params }) => {
    recorder.question(method, params.mode ?? 'form');
    return params.mode === 'url' ? answers.page : answers.form;
  });
  client.setRequestHandler(CreateMessageRequestSchema, ({ method }) => {
    recorder.question(method);
    return answers.completion;
  });
  client.setRequestHandler(ListRootsRequestSchema, ({ method }) => {
    recorder.question(method);
    return answers.roots;
  });
}
