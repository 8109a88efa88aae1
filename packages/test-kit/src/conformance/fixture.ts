import { randomBytes } from 'node:crypto';
import { createRequestStateCodec, InMemoryServerEventBus } from '@modelcontextprotocol/server';
import type { RequestStateCodec, ServerEventBus } from '@modelcontextprotocol/server';

export type Era = 'legacy' | 'modern';

/** What the servers of one fixture process share: a server object lives only for a request or a session. */
export interface Fixture {
  readonly changes: ServerEventBus;
  readonly requestState: RequestStateCodec;
  readonly lists: ListState;
  /** How often `test_wait` was cancelled. */
  cancelled: number;
}

/** A change of a list is a real change: what the notification announces can be seen in the next list. */
export interface ListState {
  hasExtraTool: boolean;
  hasExtraPrompt: boolean;
}

export function createFixture(): Fixture {
  return {
    changes: new InMemoryServerEventBus(),
    requestState: createRequestStateCodec({
      key: randomBytes(32),
      bind: (context) => context.mcpReq.method,
    }),
    lists: { hasExtraTool: false, hasExtraPrompt: false },
    cancelled: 0,
  };
}
