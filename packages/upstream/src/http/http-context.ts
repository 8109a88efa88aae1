import type { ConnectContext } from '../connection.ts';
import type { OutboundHeaders } from '../outbound-headers.ts';
import type { ServerAuthorization } from '../server-authorization.ts';
import { Call } from './call.ts';
import type { CallContext, CallPlan, CallReply } from './call.ts';

/** What everything that belongs to one connection shares. */
export interface HttpContext extends CallContext {
  readonly connect: ConnectContext;
  readonly url: URL;
  readonly headers: OutboundHeaders;
  /** Absent: the host gets no tokens for the server. */
  readonly authorization?: ServerAuthorization;
  /** Ids of requests and progress tokens: unique on this connection. */
  nextId(): number;
}

/**
 * Sends a request; when the server refuses the credentials, it has the secrets read anew and, if they have changed, sends
 * it once more: what was refused at once did not run.
 * @param onStart learns of each call as it goes out
 */
export function callServer(http: HttpContext, plan: CallPlan, onStart?: (call: Call) => void): Promise<CallReply> {
  if (http.authorization !== undefined) return callAuthorized(http, http.authorization, plan, onStart);
  const { version } = http.headers;
  const call = new Call(http, plan);
  onStart?.(call);
  return call.done.then((reply) =>
    reply.kind === 'answer' || reply.status !== 401 ? reply : callRenewed(http, plan, { reply, version, onStart }),
  );
}

interface Unauthorized {
  readonly reply: Extract<CallReply, { kind: 'refused' }>;
  /** Of the headers that were refused. */
  readonly version: number;
  readonly onStart: ((call: Call) => void) | undefined;
}

async function callRenewed(
  http: HttpContext,
  plan: CallPlan,
  { reply, version, onStart }: Unauthorized,
): Promise<CallReply> {
  if (!(await http.headers.refresh(version, plan.until.signal)) || reply.wasTaken === true) return reply;
  const second = new Call(http, plan);
  onStart?.(second);
  return second.done;
}

/** No token, then one, then one with more scopes. */
const MAX_TRIES = 3;

/** As `callServer`, with a token that is got, renewed or extended as the server wants it. What was refused did not run. */
async function callAuthorized(
  http: HttpContext,
  authorization: ServerAuthorization,
  plan: CallPlan,
  onStart?: (call: Call) => void,
): Promise<CallReply> {
  for (let tries = 1; ; tries += 1) {
    const waiting = authorization.ready(plan.until.signal);
    if (waiting !== undefined) await waiting;
    const used = authorization.value;
    const call = new Call(http, plan);
    onStart?.(call);
    const reply = await call.done;
    const status = reply.kind === 'refused' ? reply.status : reply.head.status;
    if (status !== 401 && status !== 403) return reply;
    if (tries >= MAX_TRIES || (reply.kind === 'refused' && reply.wasTaken === true)) return reply;
    const said = call.head?.headers['www-authenticate'];
    const challenge = Array.isArray(said) ? said.join(', ') : said;
    if (!(await authorization.refused({ used, status, challenge }, plan.until.signal))) return reply;
  }
}

/** The `code` of a JSON-RPC error member; undefined when it has none. */
export function errorCode(reply: CallReply): number | undefined {
  if (reply.kind !== 'answer' || reply.member !== 'error') return undefined;
  try {
    const error: unknown = JSON.parse(Buffer.from(reply.bytes).toString('utf8'));
    const code = typeof error === 'object' && error !== null && 'code' in error ? error.code : undefined;
    return typeof code === 'number' ? code : undefined;
  } catch {
    // The outer shape was checked, the inside was not: an error that cannot be read has no code.
    return undefined;
  }
}
