import { isJsonObject } from '@hostler/kernel';
import type { HostlerError, Json } from '@hostler/kernel';
import {
  describeDiscover,
  describeInitialize,
  eraOf,
  legacyRevisions,
  newestLegacyRevision,
  withClientFacts,
} from '@hostler/protocol';
import type { ServerDescription } from '@hostler/protocol';
import type { ConnectContext } from '../connection.ts';
import { upstreamErrors } from '../errors.ts';
import { declaredClient } from '../host-info.ts';
import { printable } from '../printable.ts';
import type { Answer } from './open-calls.ts';
import type { PipePeer } from './pipe-peer.ts';

type HandshakeContext = Pick<ConnectContext, 'spec' | 'client' | 'roots' | 'log' | 'signal'>;

/** What a probe found; `ended`: the server took the unknown question as a reason to leave. */
export type Probe =
  | { readonly kind: 'modern'; readonly server: ServerDescription }
  | { readonly kind: 'legacy' }
  | { readonly kind: 'ended' };

/** A server that has not answered the probe by then is taken for one of the legacy era. */
const PROBE_TIMEOUT = 5_000;

/** Codes that only a modern server gives: HeaderMismatch, MissingClientCapability, UnsupportedVersion. */
const MODERN_CODES: ReadonlySet<unknown> = new Set([-32020, -32021, -32022]);

/**
 * Asks `server/discover` on the running server; anything but a modern answer means legacy. Source: MCP 2026-07-28,
 * basic/versioning.
 * @throws UPSTREAM_PROTOCOL when the server is modern and refuses, or the signal's reason
 */
export async function probe(peer: PipePeer, context: HandshakeContext): Promise<Probe> {
  const timeout = Math.min(PROBE_TIMEOUT, context.spec.startTimeout / 2);
  let answer: Answer;
  try {
    answer = await discover(peer, context, timeout);
  } catch (error) {
    if (context.signal.aborted) throw error;
    return { kind: peer.hasEnded ? 'ended' : 'legacy' };
  }
  if (answer.member === 'result') {
    const server = tryDescribe(() => describeDiscover(answer.payload.value()));
    return server ? { kind: 'modern', server } : { kind: 'legacy' };
  }
  const error = tryDescribe(() => answer.payload.value());
  if (isJsonObject(error) && MODERN_CODES.has(error['code']) && !offersLegacy(error)) throw refusal(context, answer);
  return { kind: 'legacy' };
}

/** @throws UPSTREAM_UNAVAILABLE, UPSTREAM_PROTOCOL, or the signal's reason */
export async function openModern(peer: PipePeer, context: HandshakeContext): Promise<ServerDescription> {
  const answer = await discover(peer, context);
  if (answer.member === 'error') throw refusal(context, answer);
  const server = tryDescribe(() => describeDiscover(answer.payload.value()));
  if (!server) throw failure(context, 'Its answer to server/discover names no revision that the host speaks.');
  return server;
}

/** @throws UPSTREAM_UNAVAILABLE, UPSTREAM_PROTOCOL, or the signal's reason */
export async function openLegacy(peer: PipePeer, context: HandshakeContext): Promise<ServerDescription> {
  const { info, capabilities } = declaredClient(context);
  const answer = await peer.call({
    method: 'initialize',
    params: { protocolVersion: newestLegacyRevision, capabilities, clientInfo: info },
    until: context,
  });
  if (answer.member === 'error') throw refusal(context, answer);
  const server = tryDescribe(() => describeInitialize(answer.payload.value()));
  if (!server) throw failure(context, 'Its answer to initialize is none.');
  if (eraOf(server.revisions[0] ?? '') !== 'legacy') {
    throw failure(context, 'It chose a revision of the protocol that the host does not speak.');
  }
  peer.notify('notifications/initialized');
  return server;
}

function discover(peer: PipePeer, context: HandshakeContext, timeout?: number): Promise<Answer> {
  const params = withClientFacts({}, declaredClient(context));
  return peer.call({
    method: 'server/discover',
    params,
    until: context,
    ...(timeout === undefined ? {} : { timeout }),
  });
}

/** Whether a modern server that does not speak our modern revision offers one of the other era. */
function offersLegacy({ data }: { readonly [key: string]: Json | undefined }): boolean {
  const supported = isJsonObject(data) ? data['supported'] : undefined;
  return (
    Array.isArray(supported) && supported.some((revision) => (legacyRevisions as readonly Json[]).includes(revision))
  );
}

/** The server's words go to the log, within bounds, and to nobody else. */
function refusal(context: HandshakeContext, answer: Answer): HostlerError {
  const error = tryDescribe(() => answer.payload.value());
  const code = isJsonObject(error) && typeof error['code'] === 'number' ? error['code'] : undefined;
  const message = isJsonObject(error) && typeof error['message'] === 'string' ? printable(error['message'], 200) : '';
  context.log.debug({ server: context.spec.name, code, message }, 'the server refused the handshake');
  return failure(context, `It refused the handshake${code === undefined ? '' : ` with error ${code}`}.`);
}

function failure({ spec }: HandshakeContext, problem: string): HostlerError {
  return upstreamErrors.PROTOCOL({ details: { server: spec.name, problem, mayHaveRun: false } });
}

/** Undefined when the answer cannot be read: then what matters is that, not how. */
function tryDescribe<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch {
    return undefined;
  }
}
