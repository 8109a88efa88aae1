import type { UpstreamSpec } from '@hostler/kernel';
import { chaosServer, exchange, startProcess } from '@hostler/test-kit';
import { chaosSpec } from './chaos-spec.ts';

/** A chaos server over HTTP, as a process of its own. */
export interface ChaosHttp extends AsyncDisposable {
  readonly url: string;
  /** How often this JSON-RPC method came in. */
  received(method: string): Promise<number>;
}

export async function startChaosHttp(...parameters: readonly string[]): Promise<ChaosHttp> {
  const { command, args } = chaosServer('--http', ...parameters);
  const server = await startProcess(command, args, { waitFor: /"url"/ });
  const { url } = JSON.parse(server.firstLine) as { url: string };
  return {
    url,
    async received(method) {
      const seen = JSON.parse((await exchange(`${url}/requests`)).text) as { rpc: string }[];
      return seen.filter(({ rpc }) => rpc === method).length;
    },
    [Symbol.asyncDispose]: async () => void (await server.stop()),
  };
}

/** How the host reaches it; the path names the fault. */
export function httpSpec(name: string, url: string, callTimeout = 30_000): UpstreamSpec {
  return { ...chaosSpec(name, [], callTimeout), transport: { kind: 'http', url, headers: {} } };
}
