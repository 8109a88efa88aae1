import { Payload } from '@hostler/kernel';
import { describeInitialize, eraOf, newestLegacyRevision, notificationBytes, requestBytes } from '@hostler/protocol';
import type { ServerDescription } from '@hostler/protocol';
import { declaredClient } from '../host-info.ts';
import type { CallReply } from './call.ts';
import { callServer } from './http-context.ts';
import type { HttpContext } from './http-context.ts';
import { sendNotice } from './notice.ts';

/** What a legacy server agreed to. Source: MCP 2025-11-25, basic/lifecycle and basic/transports. */
export interface Session {
  /** Absent: the server keeps no session. */
  readonly id: string | undefined;
  readonly description: ServerDescription;
  /** The headers that every later request carries. */
  readonly headers: readonly string[];
}

export interface InitializeOptions {
  readonly signal: AbortSignal;
  readonly timeout?: number;
}

/** @throws UPSTREAM_UNAVAILABLE, UPSTREAM_TIMEOUT, UPSTREAM_PROTOCOL, UPSTREAM_RESULT_TOO_LARGE, the signal's reason */
export async function initialize(http: HttpContext, options: InitializeOptions): Promise<Session> {
  return openSession(http, await askToInitialize(http, options));
}

/** The first half of `initialize`, for whoever wants to look at a refusal. @throws as that does */
export function askToInitialize(http: HttpContext, options: InitializeOptions): Promise<CallReply> {
  const { info, capabilities } = declaredClient(http.connect);
  const id = http.nextId();
  return callServer(http, {
    id,
    method: 'initialize',
    until: options,
    ...(options.timeout === undefined ? {} : { timeout: options.timeout }),
    request: {
      method: 'POST',
      headers: [],
      body: requestBytes(id, 'initialize', { protocolVersion: newestLegacyRevision, capabilities, clientInfo: info }),
      lane: 'calls',
    },
    // Nothing that a server says before its answer belongs to anybody yet.
    onMessage: () => {},
  });
}

/** The second half. @throws as `initialize` does */
export async function openSession(http: HttpContext, reply: CallReply): Promise<Session> {
  const session = readSession(http, reply);
  await sendNotice(http, {
    method: 'POST',
    headers: session.headers,
    body: notificationBytes('notifications/initialized', undefined),
    lane: 'calls',
  });
  return session;
}

function readSession({ failures }: HttpContext, reply: CallReply): Session {
  if (reply.kind === 'refused') throw failures.refused(reply.status, false);
  if (reply.member === 'error') throw failures.protocol('It refused to be initialized.', false);
  const description = readDescription(reply.bytes);
  const revision = description?.revisions[0];
  if (description === undefined || revision === undefined) {
    throw failures.protocol('Its answer to initialize is none.', false);
  }
  if (eraOf(revision) !== 'legacy') {
    throw failures.protocol('It chose a revision of the protocol that the host does not speak.', false);
  }
  const id = reply.head.headers['mcp-session-id'];
  if (id !== undefined && !isSessionId(id)) {
    throw failures.protocol('Its session id holds characters that no session id may have.', false);
  }
  const headers = ['mcp-protocol-version', revision, ...(id === undefined ? [] : ['mcp-session-id', id])];
  return { id, description, headers };
}

function readDescription(bytes: Uint8Array): ServerDescription | undefined {
  try {
    return describeInitialize(Payload.ofBytes(bytes).value());
  } catch {
    // Whatever is wrong with it, the mend is the same, and its text is not ours to repeat.
    return undefined;
  }
}

/** Visible ASCII. Source: MCP 2025-11-25, basic/transports (session management). */
function isSessionId(id: string | string[]): id is string {
  return typeof id === 'string' && id.length <= 1024 && /^[\x21-\x7e]+$/.test(id);
}
