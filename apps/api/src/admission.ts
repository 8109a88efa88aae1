import { authErrors } from '@hostler/auth';
import type { RequestHead } from '@hostler/endpoint';
import type { Consumer } from '@hostler/kernel';
import type { Runtime } from '@hostler/runtime';
import type { Authentication } from './authentication.ts';
import type { McpRoute } from './mcp-route.ts';
import type { StartGate } from './start-gate.ts';

export interface AdmissionOptions {
  readonly authentication: Pick<Authentication, 'identify'>;
  readonly gate: Pick<StartGate, 'wait'>;
  readonly consumers: Pick<Runtime['consumers'], 'isGood'>;
}

/**
 * Who is let in to speak MCP, before anything of a request is read but its head. A promise only where there is something to
 * wait for. The function throws AUTH_* and API_CLOSED.
 */
export function createAdmission({ authentication, gate, consumers }: AdmissionOptions) {
  async function later(found: Consumer | Promise<Consumer>, started: Promise<void>): Promise<Consumer> {
    const consumer = await found;
    await started;
    if (!consumers.isGood(consumer)) throw authErrors.INVALID();
    return consumer;
  }

  return (incoming: RequestHead, { scope }: McpRoute): Consumer | Promise<Consumer> => {
    const consumer = authentication.identify(incoming);
    const started = scope.kind === 'all' ? gate.wait() : undefined;
    return started === undefined ? consumer : later(consumer, started);
  };
}
