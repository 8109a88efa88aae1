/** Masks secrets in everything that is answered but MCP: every answer goes through here, whoever made it. */
export interface AnswerRedaction {
  /** Marks what a server said: that has passed the leak guard, and what the operator lets pass there passes here. */
  readonly pass: (response: Response) => Response;
  readonly apply: (response: Response) => Promise<Response>;
}

export function createAnswerRedaction(redact: (bytes: Uint8Array) => Uint8Array): AnswerRedaction {
  const passed = new WeakSet<Response>();
  return {
    pass(response) {
      passed.add(response);
      return response;
    },
    async apply(response) {
      if (response.body === null || passed.has(response)) return response;
      const bytes = Buffer.from(redact(new Uint8Array(await response.arrayBuffer())));
      return new Response(bytes, { status: response.status, headers: response.headers });
    },
  };
}
