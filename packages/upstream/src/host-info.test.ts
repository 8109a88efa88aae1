import { describe, expect, it } from 'vitest';
import { plainClient } from '../test/support/make-exchange.ts';
import { declaredClient, hostInfo } from './host-info.ts';
import type { ServerRoots } from './roots/server-roots.ts';

const client = {
  ...plainClient,
  capabilities: { elicitation: {}, roots: { listChanged: false }, tasks: { list: {} } },
};
const roots = {} as ServerRoots;

describe('declaredClient', () => {
  it('is the client as it describes itself, without the tasks that no server can start there', () => {
    expect(declaredClient({ client })).toEqual({
      info: plainClient.info,
      capabilities: { elicitation: {}, roots: { listChanged: false } },
    });
  });

  it('answers for roots that are configured, whoever the client is', () => {
    const declared = { roots: { listChanged: true } };
    expect(declaredClient({ roots })).toEqual({ info: hostInfo, capabilities: declared });
    expect(declaredClient({ client, roots }).capabilities).toEqual({ elicitation: {}, ...declared });
    expect(declaredClient({})).toEqual({ info: hostInfo, capabilities: {} });
  });
});
