import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import { answers, declared, info } from './client.ts';
import type { ClientKind, MatrixClient } from './client.ts';
import { Recorder } from './recorder.ts';

type Era = ClientKind['era'];

/** The second line of the SDK, which speaks both eras: here one of them. */
export function clientV2(era: Era): ClientKind {
  return {
    name: `v2 SDK, ${era} era`,
    era,
    async connect(url, { askable }) {
      const client = new Client(info, {
        capabilities: askable ? declared : {},
        versionNegotiation: { mode: era === 'legacy' ? 'legacy' : { pin: '2026-07-28' } },
      });
      const recorder = new Recorder();
      client.onerror = (error) => recorder.trouble(error);
      if (askable) answerQuestions(client, recorder);
      client.setNotificationHandler('notifications/message', ({ params }) => recorder.log(params.level));
      client.setNotificationHandler('notifications/tools/list_changed', () => recorder.toolsChanged());
      client.setNotificationHandler('notifications/resources/updated', ({ params }) => recorder.updated(params.uri));
      await client.connect(new StreamableHTTPClientTransport(new URL(url)));
      return matrixClient(client, recorder, era);
    },
  };
}

function matrixClient(client: Client, recorder: Recorder, era: Era): MatrixClient {
  let logLevel: string | undefined;
  return {
    received: recorder,
    async call(name, parameters = {}, { signal, onProgress } = {}) {
      const meta = logLevel === undefined ? {} : { _meta: { 'io.modelcontextprotocol/logLevel': logLevel } };
      const result = await client.callTool(
        { name, arguments: parameters, ...meta },
        {
          ...(signal && { signal }),
          ...(onProgress && { onprogress: ({ progress }) => onProgress(progress) }),
        },
      );
      const [first] = result.content;
      return first?.type === 'text' ? first.text : '';
    },
    toolNames: async () => (await client.listTools()).tools.map(({ name }) => name),
    async setLogLevel(level) {
      if (era === 'modern') logLevel = level;
      else await client.setLoggingLevel(level as never);
    },
    async listen(uris) {
      if (era === 'modern') await client.listen({ toolsListChanged: true, resourceSubscriptions: [...uris] });
      else for (const uri of uris) await client.subscribeResource({ uri });
    },
    [Symbol.asyncDispose]: () => client.close(),
  };
}

function answerQuestions(client: Client, recorder: Recorder): void {
  client.setRequestHandler('elicitation/create', ({ method, params }) => {
    recorder.question(method, params.mode ?? 'form');
    return params.mode === 'url' ? answers.page : answers.form;
  });
  client.setRequestHandler('sampling/createMessage', ({ method }) => {
    recorder.question(method);
    return answers.completion;
  });
  client.setRequestHandler('roots/list', ({ method }) => {
    recorder.question(method);
    return answers.roots;
  });
}
