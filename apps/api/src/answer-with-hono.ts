import type { IncomingMessage, ServerResponse } from 'node:http';
import { getRequestListener } from '@hono/node-server';
import type { AnswerRedaction } from './answer-redaction.ts';
import { createApp } from './create-app.ts';
import type { AppOptions } from './create-app.ts';
import type { NodeBindings } from './rest/add-rest.ts';

/** Everything that is no MCP endpoint. The one place where the answers of all its paths leave. */
export function createHonoListener(options: AppOptions, { apply }: AnswerRedaction): HonoListener {
  const app = createApp(options);
  return getRequestListener(async (request, env) => apply(await app.fetch(request, env as NodeBindings)), ADAPTER);
}

export type HonoListener = (incoming: IncomingMessage, outgoing: ServerResponse) => Promise<void>;

/** Writes an answer that is there already. */
export async function answerOnce(
  answer: Promise<Response>,
  incoming: IncomingMessage,
  outgoing: ServerResponse,
): Promise<void> {
  await getRequestListener(() => answer, ADAPTER)(incoming, outgoing);
}

const ADAPTER = { overrideGlobalObjects: false } as const;
