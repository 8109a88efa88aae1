import { getEventListeners } from 'node:events';
import { createServer } from 'node:http';
import type { RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Clock, UpstreamSpec } from '@hostler/kernel';
import { secretErrors } from '@hostler/secrets';
import { chaosServer, descendants, openDescriptors } from '@hostler/test-kit';
import type { ConnectContext } from '@hostler/upstream';
import { createConnectors, upstreamErrors } from '@hostler/upstream';
import { beforeAll, describe, expect, it } from 'vitest';
import { failureOf } from './support/failure-of.ts';
import { makeStdioContext, realClock, until } from './support/stdio-setup.ts';

/** The real clock, and what is still to come on it. */
function watchedClock(): Clock & { readonly pending: () => number } {
  let pending = 0;
  return {
    now: () => realClock.now(),
    after(delay, callback) {
      let isOpen = true;
      pending += 1;
      const end = (): void => {
        if (isOpen) pending -= 1;
        isOpen = false;
      };
      const cancel = realClock.after(delay, () => {
        end();
        callback();
      });
      return () => {
        end();
        cancel();
      };
    },
    pending: () => pending,
  };
}

type Secrets = ConnectContext['secrets'];
const missing: Secrets = {
  resolve: () => Promise.reject(secretErrors.NOT_FOUND({ details: { reference: 'env://X' } })),
  expire: () => {},
};
const slow: Secrets = {
  expire: () => {},
  resolve: (_, signal) =>
    new Promise((_resolve, reject) => {
      signal.addEventListener('abort', () => reject(signal.reason as Error), { once: true });
    }),
};
const secretEnv = { X: { secret: 'env://X' } };
const tooLate = upstreamErrors.UNAVAILABLE({ details: { server: 'child', problem: 'too late' } });

interface Fault {
  readonly transport: UpstreamSpec['transport'];
  readonly secrets?: Secrets;
  /** The last step that begins. */
  readonly step: string | undefined;
  /** The start is given up when this step has begun. */
  readonly abortAt?: string;
}

const stdio = (parameters: readonly string[], changes: object = {}): UpstreamSpec['transport'] => ({
  kind: 'stdio',
  ...chaosServer(...parameters),
  env: {},
  cwd: process.cwd(),
  ...changes,
});

const STDIO: Readonly<Record<string, Fault>> = {
  'a secret is missing': { transport: stdio([], { env: secretEnv }), secrets: missing, step: 'resolving' },
  'a secret is late': {
    transport: stdio([], { env: secretEnv }),
    secrets: slow,
    step: 'resolving',
    abortAt: 'resolving',
  },
  'the command is missing': { transport: stdio([], { command: '/no/such/command' }), step: 'connecting' },
  'the folder is missing': { transport: stdio([], { cwd: '/no/such/folder' }), step: 'connecting' },
  'it is given up as the process starts': {
    transport: stdio(['--silent']),
    step: 'initialising',
    abortAt: 'connecting',
  },
  'it exits at once': { transport: stdio(['--exit-on-start', '3']), step: 'initialising' },
  'it is another program': { transport: stdio([], { command: '/bin/cat', args: [] }), step: 'initialising' },
  'it says nothing': { transport: stdio(['--silent']), step: 'initialising', abortAt: 'initialising' },
  'it says nothing and does not want to leave': {
    transport: stdio(['--silent', '--ignore-sigterm', '--ignore-stdin-close']),
    step: 'initialising',
    abortAt: 'initialising',
  },
  'its input is limited and it is not there': {
    transport: stdio([], { command: '/no/such/command', resources: { cpu: 9 } }),
    step: 'initialising',
  },
};

interface Unwound {
  /** The last step that began. */
  readonly step: string | undefined;
  readonly isGivenUp: boolean;
}

const expected = ({ step, abortAt }: Fault): Unwound => ({ step, isGivenUp: abortAt !== undefined });

/** Connects, and fails unless that fails and nothing is left of it. */
async function unwind({ transport, secrets, abortAt }: Fault): Promise<Unwound> {
  const clock = watchedClock();
  const controller = new AbortController();
  const steps: string[] = [];
  const processes = new Set(descendants(process.pid));
  const descriptors = openDescriptors().length;
  const { context } = makeStdioContext({ command: 'unused' });
  const connect = createConnectors({ baseEnvironment: {} })[transport.kind];
  const failure = await failureOf(
    connect({
      ...context,
      spec: { ...context.spec, transport },
      clock,
      ...(secrets && { secrets }),
      signal: controller.signal,
      onPhase(phase) {
        steps.push(phase);
        if (phase === abortAt) setTimeout(() => controller.abort(tooLate), 50);
      },
    }),
  );
  if (!(failure instanceof Error)) throw new Error('it succeeded');
  await until(() => getEventListeners(controller.signal, 'abort').length === 0);
  await until(() => descendants(process.pid).every((id) => processes.has(id)));
  await until(() => openDescriptors().length <= descriptors);
  await until(() => clock.pending() === 0);
  return { step: steps.at(-1), isGivenUp: failure === tooLate };
}

describe.skipIf(process.platform !== 'linux')(
  'a start that fails leaves no process, descriptor, timer or listener',
  () => {
    // What Node.js opens once and for all is not to be taken for a leak.
    beforeAll(async () => {
      await unwind(STDIO['it exits at once'] as Fault);
      await unwindHttp((_, response) => void response.writeHead(500).end());
    });

    it.each(Object.entries(STDIO))('stdio: %s', async (_, fault) => {
      expect(await unwind(fault)).toEqual(expected(fault));
    });

    it.each<[string, RequestListener, Pick<Fault, 'step' | 'abortAt'>]>([
      ['it is ill', (_, response) => void response.writeHead(500).end(), { step: 'connecting' }],
      ['it wants other credentials', (_, response) => void response.writeHead(401).end(), { step: 'connecting' }],
      ['it hangs up', (request) => void request.socket.destroy(), { step: 'connecting' }],
      ['it never answers', () => {}, { step: 'connecting', abortAt: 'connecting' }],
      [
        'it answers the probe and no more',
        (_, response) => void response.writeHead(402).end(),
        { step: 'initialising' },
      ],
      [
        'it begins an answer and stops',
        (_, response) => void response.writeHead(200, { 'content-type': 'text/event-stream' }).write(': x\n\n'),
        { step: 'connecting', abortAt: 'connecting' },
      ],
    ])('http: %s', async (_, respond, { step, abortAt }) => {
      expect(await unwindHttp(respond, abortAt)).toEqual({ step, isGivenUp: abortAt !== undefined });
    });

    it('http: a secret of its headers is missing', async () => {
      const headers = { authorization: { secret: 'env://X' } };
      const transport = { kind: 'http', url: 'http://127.0.0.1:9/', headers } as const;
      const fault: Fault = { transport, secrets: missing, step: 'resolving' };
      expect(await unwind(fault)).toEqual(expected(fault));
    });

    it('in process: its code fails', async () => {
      const create = (): never => {
        throw new Error('no');
      };
      const fault: Fault = { transport: { kind: 'in-process', create }, step: 'connecting' };
      expect(await unwind(fault)).toEqual(expected(fault));
    });
  },
);

async function unwindHttp(respond: RequestListener, abortAt?: string): Promise<Unwound> {
  const server = createServer(respond);
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/mcp`;
  try {
    const transport = { kind: 'http', url, headers: {} } as const;
    return await unwind({ transport, step: undefined, ...(abortAt !== undefined && { abortAt }) });
  } finally {
    server.closeAllConnections();
    await new Promise((resolve) => void server.close(resolve));
  }
}
