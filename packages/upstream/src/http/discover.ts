import { isJsonObject, Payload } from '@hostler/kernel';
import type { Json } from '@hostler/kernel';
import {
  describeDiscover,
  eraOf,
  newestModernRevision,
  requestBytes,
  standardHeaders,
  withClientFacts,
} from '@hostler/protocol';
import type { ServerDescription } from '@hostler/protocol';
import { declaredClient } from '../host-info.ts';
import type { CallReply } from './call.ts';
import { callServer } from './http-context.ts';
import type { HttpContext } from './http-context.ts';

/** Errors that only a server of the modern era gives. Source: MCP 2026-07-28, basic. */
const HEADER_MISMATCH = -32020;
const MISSING_CAPABILITY = -32021;
const UNSUPPORTED_VERSION = -32022;

/**
 * Asks a server whether it speaks the modern era.
 * @returns its description; undefined when it is of the legacy era
 * @throws UPSTREAM_* when its answer is evidence of neither: refused credentials, a redirect, 5xx
 */
export async function discover(http: HttpContext): Promise<ServerDescription | undefined> {
  const first = await ask(http);
  // Source: MCP 2026-07-28, basic/lifecycle: who is refused chooses from what the refusal names, and asks again.
  const reply = first.kind === 'answer' && namesOurRevision(http, first) ? await ask(http) : first;
  if (reply.kind === 'refused') return onRefused(http, reply.status);
  if (reply.head.status >= 500) throw http.failures.refused(reply.head.status, false);
  return reply.member === 'result' ? onResult(http, reply) : onError(http, reply);
}

function ask(http: HttpContext): Promise<CallReply> {
  const id = http.nextId();
  const request = { method: 'server/discover', params: {} };
  const params = withClientFacts(request.params, declaredClient(http.connect));
  return callServer(http, {
    id,
    method: request.method,
    until: http.connect,
    request: {
      method: 'POST',
      headers: Object.entries(standardHeaders(request)).flat(),
      body: requestBytes(id, request.method, params),
      lane: 'calls',
    },
    onMessage: () => {},
  });
}

function namesOurRevision(http: HttpContext, reply: Answer): boolean {
  if (reply.member !== 'error' || reply.head.status >= 500) return false;
  const error = valueOf(http, reply);
  if (!isJsonObject(error) || error['code'] !== UNSUPPORTED_VERSION) return false;
  const supported = isJsonObject(error['data']) ? error['data']['supported'] : undefined;
  return Array.isArray(supported) && supported.includes(newestModernRevision);
}

function onRefused({ failures }: HttpContext, status: number): undefined {
  const isEvidence =
    status === 202 || status === 204 || (status >= 400 && status < 500 && !NO_EVIDENCE.includes(status));
  if (!isEvidence) throw failures.refused(status, false);
}

function onResult(http: HttpContext, reply: Answer): ServerDescription | undefined {
  const result = valueOf(http, reply);
  const supported = isJsonObject(result) ? result['supportedVersions'] : undefined;
  // A server that answers any method with something has not said that it is modern.
  if (!Array.isArray(supported)) return undefined;
  try {
    return describeDiscover(result);
  } catch (cause) {
    return orLegacy(http, supported as readonly Json[], cause);
  }
}

function onError(http: HttpContext, reply: Answer): undefined {
  const error = valueOf(http, reply);
  if (!isJsonObject(error)) return undefined;
  const { code, data } = error;
  if (code === UNSUPPORTED_VERSION) {
    const supported = isJsonObject(data) ? data['supported'] : undefined;
    return orLegacy(http, Array.isArray(supported) ? (supported as readonly Json[]) : [], undefined);
  }
  if (code === HEADER_MISMATCH || code === MISSING_CAPABILITY) {
    throw http.failures.protocol('It speaks the modern era and refused to describe itself.', false);
  }
  return undefined;
}

/** Both eras can be spoken by one server: one whose modern revisions are unknown to us may still have a legacy one. */
function orLegacy({ failures }: HttpContext, supported: readonly Json[], cause: unknown): undefined {
  if (supported.some((revision) => typeof revision === 'string' && eraOf(revision) === 'legacy')) return undefined;
  throw failures.protocol('It speaks no revision of the protocol that the host speaks.', false, cause);
}

function valueOf({ failures }: HttpContext, { bytes }: Answer): Json {
  try {
    return Payload.ofBytes(bytes).value();
  } catch (cause) {
    throw failures.protocol('Its message is not valid JSON-RPC.', false, cause);
  }
}

type Answer = Extract<CallReply, { kind: 'answer' }>;

/** Refusals that a server of either era may give. */
const NO_EVIDENCE: readonly number[] = [401, 403, 407, 408, 429];
