import type { HostPlan } from '@hostler/config';
import { defaultEndpointLimits } from '@hostler/endpoint';
import type { EndpointLimits } from '@hostler/endpoint';
import type { CallLimitSpec, CallRate, UpstreamSpec } from '@hostler/kernel';
import { DEFAULT_ADDRESS_RATE } from '../address-limit.ts';
import type { ServerLimits } from '../server-limits.ts';
import { notShared } from './check-shareable.ts';

/** Which of how many workers; from 1. */
export interface Part {
  readonly place: number;
  readonly workers: number;
}

/** All parts together are the whole, and none is nothing. */
export function partOf(whole: number, { place, workers }: Part): number {
  return Math.max(1, Math.floor(whole / workers) + (place <= whole % workers ? 1 : 0));
}

/**
 * The plan as one worker runs it. Rates are counted by all together; places, sessions, streams and what one address may ask
 * are divided, since asking another process for each would cost more than it is worth.
 */
export function dividePlan(plan: HostPlan, part: Part, isExposed: boolean): HostPlan {
  const { consumers, limits, servers } = plan;
  const { addresses = isExposed ? DEFAULT_ADDRESS_RATE : undefined } = limits;
  return {
    ...plan,
    servers: servers.filter((spec) => notShared(spec) === undefined).map((spec) => divideServer(spec, part)),
    limits: {
      ...limits,
      ...(addresses && { addresses: addresses === 'off' ? addresses : divideRate(addresses, part) }),
    },
    ...(consumers && {
      consumers: consumers.map((one) => (one.limits ? { ...one, limits: divideLimits(one.limits, part) } : one)),
    }),
  };
}

function divideRate({ count, per }: CallRate, part: Part): CallRate {
  return { count: partOf(count, part), per };
}

function divideLimits(spec: CallLimitSpec, part: Part): CallLimitSpec {
  const { concurrent, waiting, streams, sessions } = spec;
  return {
    ...spec,
    ...(concurrent !== undefined && { concurrent: partOf(concurrent, part) }),
    ...(waiting !== undefined && { waiting: waiting === 0 ? 0 : partOf(waiting, part) }),
    ...(streams !== undefined && { streams: partOf(streams, part) }),
    ...(sessions !== undefined && { sessions: partOf(sessions, part) }),
  };
}

/** A child process is one, and so is the bound on its calls: it is kept where the process is. */
function divideServer(spec: UpstreamSpec, part: Part): UpstreamSpec {
  const { concurrency, transport } = spec;
  if (concurrency === undefined || transport.kind === 'stdio') return spec;
  const { running, waiting } = concurrency;
  return {
    ...spec,
    concurrency: {
      ...concurrency,
      ...(running !== undefined && { running: partOf(running, part) }),
      ...(waiting !== undefined && { waiting: waiting === 0 ? 0 : partOf(waiting, part) }),
    },
  };
}

/** Bounds of all clients together, or of one consumer's; the others are of one message, session or stream. */
const SHARED_BOUNDS = [
  'sessions',
  'sessionsPerConsumer',
  'inFlight',
  'inFlightPerConsumer',
  'streams',
  'streamsPerConsumer',
  'parkedCalls',
  'parkedCallsPerConsumer',
  'parkedBytesPerConsumer',
  'inputStatesPerConsumer',
] as const;

export function divideBounds(limits: Partial<EndpointLimits>, part: Part): EndpointLimits {
  const all = { ...defaultEndpointLimits, ...limits };
  return { ...all, ...Object.fromEntries(SHARED_BOUNDS.map((key) => [key, partOf(all[key], part)])) };
}

export function divideConnections(limits: ServerLimits, part: Part): ServerLimits {
  return { ...limits, connections: partOf(limits.connections, part) };
}
