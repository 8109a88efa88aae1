import { authErrors } from '@hostler/auth';
import { guardRequest } from '@hostler/endpoint';
import type { RequestHead } from '@hostler/endpoint';
import type { Consumer } from '@hostler/kernel';
import type { Runtime } from '@hostler/runtime';
import type { AddressLimit } from './address-limit.ts';
import type { Authentication } from './authentication.ts';
import type { McpRoute } from './mcp-route.ts';
import type { StartGate } from './start-gate.ts';

export interface AdmissionOptions {
  readonly runtime: Pick<Runtime, 'plan' | 'consumers'>;
  readonly addresses: Pick<AddressLimit, 'check'>;
  readonly authentication: Pick<Authentication, 'identify'>;
  readonly gate: Pick<StartGate, 'wait'>;
}

/**
 * Who is let in to speak MCP, before anything of a request is read but its head: whom it says it is for, how much its address
 * asks, and who it is. A promise only where there is something to wait for. The function throws HTTP_*, LIMIT_EXCEEDED, AUTH_* and
 * API_CLOSED.
 */
export function createAdmission({ runtime, addresses, authentication, gate }: AdmissionOptions) {
  async function later(found: Consumer | Promise<Consumer>, started: Promise<void>): Promise<Consumer> {
    const consumer = await found;
    await started;
    if (!runtime.consumers.isGood(consumer)) throw authErrors.INVALID();
    return consumer;
  }

  return (incoming: RequestHead, { scope }: McpRoute): Consumer | Promise<Consumer> => {
    // Of the plan in force: a reload may have changed it.
    guardRequest(incoming, runtime.plan.listen);
    addresses.check(incoming);
    const consumer = authentication.identify(incoming);
    const started = scope.kind === 'all' ? gate.wait() : undefined;
    return started === undefined ? consumer : later(consumer, started);
  };
}
