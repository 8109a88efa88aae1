import type { UpstreamSpec } from '@hostler/kernel';
import type { OwnParts } from './credential-set.ts';
import { defaultUpstreamLimits } from './limits.ts';
import { PersonalServer } from './personal-server.ts';
import { isPersonal } from './personal-spec.ts';
import type { PoolOptions } from './pool-options.ts';
import type { PoolServer } from './pool-server.ts';
import { PooledServer } from './pooled-server.ts';

/**
 * With connections for all, or with others for each set of credentials, as its settings want it.
 *
 * @param restarts how often it was started again before
 */
export function createPoolServer(
  spec: UpstreamSpec,
  restarts: number,
  options: PoolOptions,
  parts: OwnParts,
): PoolServer {
  const { log, clock, connectors, screen, busyPoll, random = Math.random } = options;
  const limits = { ...defaultUpstreamLimits, ...options.limits };
  const createPooled = (own: UpstreamSpec, ownParts: OwnParts, times: number): PooledServer => {
    const ownScreen = screen?.(own);
    return new PooledServer({
      ...ownParts,
      spec: own,
      connect: connectors[own.transport.kind],
      log,
      clock,
      ...(ownScreen && { screen: ownScreen }),
      limits,
      ...(busyPoll && { busyPoll }),
      random,
      restarts: times,
    });
  };
  if (!isPersonal(spec)) return createPooled(spec, parts, restarts);
  return new PersonalServer({
    ...parts,
    spec,
    clock,
    limits,
    restarts,
    create: (own, ownParts) => createPooled(own, ownParts, 0),
  });
}
