import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { createProvider, read, startBackend, useEnvironment } from './backend.ts';

const KEYS = { ASIATASK: { secret: 'secret-of-the-task', token: 'token-of-the-task' } };
const started: (() => Promise<void>)[] = [];

afterEach(async () => {
  for (const stop of started.splice(0)) await stop();
});

/** Where ECS and EKS Pod Identity give a container its credentials. */
async function startAgent(answer: 'credentials' | 'nothing'): Promise<{ url: string; asked: Promise<unknown> }> {
  const agent = createServer((request, response) => {
    if (answer === 'nothing' || request.url !== '/role') return;
    const body = {
      AccessKeyId: 'ASIATASK',
      SecretAccessKey: KEYS.ASIATASK.secret,
      Token: KEYS.ASIATASK.token,
      Expiration: new Date(Date.now() + 3_600_000).toISOString(),
    };
    response.end(JSON.stringify(body));
  });
  agent.listen(0, '127.0.0.1');
  await once(agent, 'listening');
  started.push(async () => {
    agent.close();
    agent.closeAllConnections();
  });
  return { url: `http://127.0.0.1:${(agent.address() as AddressInfo).port}/role`, asked: once(agent, 'request') };
}

async function startInContainer(answer: 'credentials' | 'nothing') {
  const backend = await startBackend({ keys: KEYS });
  backend.set('db', 'value-for-the-task');
  const agent = await startAgent(answer);
  useEnvironment({
    ...backend.environment,
    AWS_ACCESS_KEY_ID: undefined,
    AWS_SECRET_ACCESS_KEY: undefined,
    AWS_SESSION_TOKEN: undefined,
    AWS_CONTAINER_CREDENTIALS_FULL_URI: agent.url,
  });
  return agent;
}

describe('credentials of a container', () => {
  it('are fetched from its agent', async () => {
    await startInContainer('credentials');
    expect((await read(await createProvider(), 'aws://db')).value).toBe('value-for-the-task');
  });

  it('that do not come are not waited for longer than the signal allows', async () => {
    const { asked } = await startInContainer('nothing');
    const controller = new AbortController();
    const reading = read(await createProvider(), 'aws://db', controller.signal);
    await asked;
    const reason = new Error('nobody waits');
    controller.abort(reason);
    await expect(reading).rejects.toBe(reason);
  });
});
