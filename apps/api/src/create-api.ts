import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import { createHttpEndpoint, defaultEndpointLimits, guardRequest, httpErrors, refuseUpgrade } from '@hostler/endpoint';
import type { ConsumerBounds, Elsewhere, EndpointLimits, RequestHead } from '@hostler/endpoint';
import type { Consumer } from '@hostler/kernel';
import type { Readiness, Runtime } from '@hostler/runtime';
import { createAuthorization } from './access.ts';
import { createAccessAudit, recordRefusals } from './access-audit.ts';
import { createAddressLimit, isGuess } from './address-limit.ts';
import { createAdmission } from './admission.ts';
import { createAnswerRedaction } from './answer-redaction.ts';
import type { AnswerRedaction } from './answer-redaction.ts';
import type { HonoListener } from './answer-with-hono.ts';
import { createAuthentication } from './authentication.ts';
import type { Authentication } from './authentication.ts';
import { plannedClientAddress } from './client-address.ts';
import { createClientCertificate } from './client-certificate.ts';
import { guardOf } from './consent-guard.ts';
import type { AppOptions } from './create-app.ts';
import { createWholeAnswer } from './direct/answer-whole.ts';
import type { WholeAnswer } from './direct/answer-whole.ts';
import { endWithAccess } from './end-with-access.ts';
import { apiErrors } from './errors.ts';
import { mcpRouteOf } from './mcp-route.ts';
import { answerRefusal } from './refusal.ts';
import { RunningRequests } from './rest/running-requests.ts';
import { serveMcp } from './serve-mcp.ts';
import { createStartGate } from './start-gate.ts';

export interface ApiOptions {
  /** Not owned: whoever made it starts and closes it. */
  readonly runtime: Runtime;
  /** Whether other machines reach it: then nobody is let in while no consumer is configured. */
  readonly isExposed: boolean;
  /** Overrides of the endpoint's defaults. */
  readonly endpointLimits?: Partial<EndpointLimits>;
  /** Absent where this process answers for all of the host. */
  readonly crew?: CrewOptions;
}

/** Of one process among several that serve one port. */
export interface CrewOptions {
  /** See `HttpEndpointOptions`. */
  readonly mark: string;
  readonly elsewhere: Elsewhere;
  /** Adds to what this process can say of itself what it knows of the others. */
  readonly readinessOf?: (own: Readiness) => Readiness;
  readonly metricsOf?: (own: string) => Promise<string>;
}

export interface Api {
  /** Answers one request, whatever it is. Never rejects. */
  answer(incoming: IncomingMessage, outgoing: ServerResponse): Promise<void>;
  /** The same for a POST over Streamable HTTP that is there as a whole. */
  readonly answerWhole: WholeAnswer;
  /** Takes the connection of a request that asks for a WebSocket over, or refuses it. Never rejects. */
  upgrade(incoming: IncomingMessage, socket: Duplex, head: Buffer): Promise<void>;
  /**
   * From here on it reports that it stops, refuses new work and gives running calls `grace` milliseconds; then they are
   * answered with an error. Called again, it takes the shorter time.
   */
  close(grace: number): Promise<void>;
}

/** Everything that Hostler answers over HTTP. */
export function createApi(options: ApiOptions): Api {
  const { runtime } = options;
  const { log } = runtime;
  const { state, closing, endpoint, gate, requests, addresses, admit, answerWithHono, refusalOf } =
    createParts(options);
  const answerWhole = createWholeAnswer({ runtime, endpoint, admit, refusalOf });
  const stopWatching = endWithAccess(runtime, [endpoint, requests]);

  return {
    async answer(incoming, outgoing) {
      const route = mcpRouteOf(incoming.url ?? '');
      try {
        if (route === undefined) {
          guardRequest(incoming, guardOf(incoming, runtime));
          addresses.check(incoming);
          return await answerWithHono(incoming, outgoing);
        }
        // Past Hono, whose Request, Response and chain of promises are a tenth of what a call costs.
        const admitted = admit(incoming, route);
        const consumer = admitted instanceof Promise ? await admitted : admitted;
        // It refuses names that this consumer may not see: unknown and hidden are one case there.
        await serveMcp(endpoint, route, { incoming, outgoing, consumer });
      } catch (thrown) {
        const isMcp = route !== undefined;
        // The adapter drains what the client still sends.
        if (!outgoing.headersSent) {
          const { answerOnce } = await import('./answer-with-hono.ts');
          return await answerOnce(refusalOf(thrown, isMcp), incoming, outgoing);
        }
        // The answer has begun: all that can still be said is that it is incomplete.
        log.error({ error: thrown }, 'an answer broke off');
        outgoing.destroy();
      }
    },
    answerWhole,
    async upgrade(incoming, socket, head) {
      // A client that leaves while it waits must not end the process.
      socket.on('error', () => socket.destroy());
      try {
        const route = mcpRouteOf(incoming.url ?? '');
        if (route?.face !== 'ws') {
          guardRequest(incoming, runtime.plan.listen);
          addresses.check(incoming);
          throw apiErrors.NOT_FOUND();
        }
        const consumer = await admit(incoming, route);
        endpoint.upgrade(incoming, socket, head, { scope: route.scope, consumer });
      } catch (thrown) {
        await refuseSocket(socket, await refusalOf(thrown, true));
      }
    },
    async close(grace) {
      state.isStopping = true;
      gate.open();
      await Promise.all([endpoint.close(grace), requests.close(grace)]);
      stopWatching();
      closing.abort(httpErrors.SHUTTING_DOWN());
    },
  };
}

/** What answers, and what is shared between the ways in. */
function createParts({ runtime, isExposed, endpointLimits = {}, crew }: ApiOptions) {
  const { host, log, clock, consumers } = runtime;
  const redact = (bytes: Uint8Array): Uint8Array => runtime.redactBytes(bytes);
  const answerRedaction = createAnswerRedaction(redact);
  const isGood = (consumer: Consumer): boolean => consumers.isGood(consumer);
  const boundsOf = (consumer: Consumer): ConsumerBounds | undefined => runtime.limits.specOf(consumer);
  const endpoint = createHttpEndpoint({
    host,
    log: runtime.logs.of('endpoint'),
    clock,
    redact,
    isGood,
    boundsOf,
    limits: endpointLimits,
    ...(crew && { mark: crew.mark, elsewhere: crew.elsewhere }),
  });
  const gate = createStartGate(runtime, START_WAIT);
  const limits = { ...defaultEndpointLimits, ...endpointLimits };
  const requests = new RunningRequests(clock, limits);
  const closing = new AbortController();
  const clientAddress = plannedClientAddress(runtime);
  const addresses = createAddressLimit({ runtime, clientAddress, isExposed });
  const clientCertificate = createClientCertificate({ runtime, clientAddress });
  const found = createAuthentication({ runtime, isExposed, clientCertificate, closing: closing.signal });
  const record = createAccessAudit({ runtime, clientAddress });
  const authentication = withCosts(found, (request, error) => {
    addresses.onRefused(request, error);
    record(request, error);
  });
  const authorization = recordRefusals(createAuthorization(runtime), runtime);
  const begun = clock.now();
  const state = { isStopping: false };

  const together = crew?.readinessOf ?? ((own: Readiness): Readiness => own);
  const readiness = (): Readiness => {
    const found = together(runtime.readiness());
    return state.isStopping ? stopping(found) : found;
  };
  const refusalOf = (thrown: unknown, isMcp: boolean): Promise<Response> =>
    answerRedaction.apply(answerRefusal(thrown, { plan: runtime.plan, log, isMcp }));
  const answerWithHono = createOtherAnswers(answerRedaction, {
    readiness,
    ...(crew?.metricsOf && { metricsOf: crew.metricsOf }),
    problemOf: (thrown) => refusalOf(thrown, false),
    authentication,
    authorization,
    rest: {
      runtime,
      readiness,
      untilStarted: () => gate.wait(),
      uptime: () => clock.now() - begun,
      may: (consumer, permission) => authorization.may(consumer, permission),
      requests,
      answerRedaction,
      bodyBytes: limits.messageBytes,
    },
  });
  const admit = createAdmission({ runtime, addresses, authentication, gate });
  return { state, closing, endpoint, gate, requests, addresses, admit, answerWithHono, refusalOf };
}

type OnRefused = (request: RequestHead, error: unknown) => void;

/** Whoever shows what is not good pays for it, and it is written down. */
function withCosts(authentication: Authentication, tell: OnRefused): Authentication {
  return {
    find: (request) =>
      authentication.find(request, (error) => {
        // Whoever asks how the host is need not show anything.
        if (isGuess(error)) tell(request, error);
      }),
    identify(request) {
      const onRefused = (error: unknown): void => tell(request, error);
      try {
        const found = authentication.identify(request);
        if (found instanceof Promise) found.catch(onRefused);
        return found;
      } catch (error) {
        onRefused(error);
        throw error;
      }
    },
  };
}

/** Loaded with the first request that is not for MCP: 70 modules, and Node's own undici for Request and Response. */
function createOtherAnswers(redaction: AnswerRedaction, options: AppOptions): HonoListener {
  let loaded: Promise<HonoListener> | undefined;
  const load = async (): Promise<HonoListener> =>
    (await import('./answer-with-hono.ts')).createHonoListener(options, redaction);
  return async (incoming, outgoing) => {
    loaded ??= load();
    await (
      await loaded
    )(incoming, outgoing);
  };
}

function stopping(readiness: Readiness): Readiness {
  return { ...readiness, ready: false, phase: 'stopping' };
}

async function refuseSocket(socket: Duplex, problem: Response): Promise<void> {
  const contentType = problem.headers.get('content-type') ?? '';
  const challenge = problem.headers.get('www-authenticate');
  const headers = challenge === null ? {} : { 'www-authenticate': challenge };
  refuseUpgrade(socket, { status: problem.status, contentType, body: await problem.text(), headers });
}

/** Milliseconds that a client of the whole host waits for servers that are still starting. */
const START_WAIT = 10_000;
