import type { HttpEndpoint, HttpResponse, WholeRequest } from '@hostler/endpoint';
import type { Consumer } from '@hostler/kernel';
import type { Runtime } from '@hostler/runtime';
import type { McpRoute } from '../mcp-route.ts';

export interface WholeAnswerOptions {
  readonly runtime: Pick<Runtime, 'log'>;
  readonly endpoint: Pick<HttpEndpoint, 'serve'>;
  readonly admit: (request: WholeRequest, route: McpRoute) => Consumer | Promise<Consumer>;
  readonly refusalOf: (thrown: unknown, isMcp: true) => Promise<Response>;
}

/** Never rejects. */
export type WholeAnswer = (request: WholeRequest, response: HttpResponse, route: McpRoute) => Promise<void>;

/** Answers a POST over Streamable HTTP by the same steps as any other request. */
export function createWholeAnswer({ runtime, endpoint, admit, refusalOf }: WholeAnswerOptions): WholeAnswer {
  return async (request, response, route) => {
    try {
      const admitted = admit(request, route);
      const consumer = admitted instanceof Promise ? await admitted : admitted;
      // It refuses names that this consumer may not see: unknown and hidden are one case there.
      await endpoint.serve(request, response, { scope: route.scope, consumer });
    } catch (thrown) {
      if (!response.headersSent) {
        return await refusalOf(thrown, true)
          .then((refusal) => refuse(response, refusal))
          .catch((error: unknown) => breakOff(error, response));
      }
      breakOff(thrown, response);
    }
  };

  /** The answer has begun: all that can still be said is that it is incomplete. */
  function breakOff(error: unknown, response: HttpResponse): void {
    runtime.log.error({ error }, 'an answer broke off');
    response.destroy();
  }
}

async function refuse(response: HttpResponse, refusal: Response): Promise<void> {
  const body = Buffer.from(await refusal.arrayBuffer());
  response.writeHead(refusal.status, Object.fromEntries(refusal.headers));
  response.end(body.toString('latin1'), 'latin1');
}
