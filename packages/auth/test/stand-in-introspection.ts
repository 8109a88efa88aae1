import { createServer } from 'node:http';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { IntrospectionSpec } from '../src/issuer-spec.ts';

interface Question {
  readonly authorization: string | undefined;
  readonly method: string | undefined;
  readonly body: Readonly<Record<string, string>>;
}

/** An endpoint of RFC 7662 on loopback; what it answers can be bent. */
export class StandInIntrospection implements AsyncDisposable {
  readonly #server = createServer({ keepAliveTimeout: 0 }, (request, response) => void this.#answer(request, response));
  readonly questions: Question[] = [];
  /** What is known of tokens that are active. */
  readonly active = new Map<string, object>();
  bent: ((response: ServerResponse) => void) | undefined;

  static async start(): Promise<StandInIntrospection> {
    const issuer = new StandInIntrospection();
    const { promise, resolve } = Promise.withResolvers<void>();
    issuer.#server.listen(0, '127.0.0.1', resolve);
    await promise;
    return issuer;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  spec(rest: Partial<IntrospectionSpec> = {}): IntrospectionSpec {
    return {
      name: 'main',
      type: 'introspection',
      issuer: this.url,
      audience: ['https://host.example/mcp'],
      url: `${this.url}/introspect`,
      clientId: 'host one',
      clientSecret: { secret: 'env://SECRET' },
      ...rest,
    };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#server.close(() => resolve());
    this.#server.closeAllConnections();
    await promise;
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const text = (await request.toArray()).join('');
    const body = Object.fromEntries(new URLSearchParams(text));
    const { method, headers } = request;
    this.questions.push({ authorization: headers.authorization, method, body });
    if (this.bent !== undefined) return this.bent(response);
    const found = this.active.get(body['token'] ?? '');
    response.writeHead(200, { 'content-type': 'application/json' });
    response.end(JSON.stringify(found === undefined ? { active: false } : { active: true, ...found }));
  }
}
