import type { HostlerError } from '@hostler/kernel';
import { upstreamErrors } from '../errors.ts';

/** The errors of one server, with its name filled in. Problems are our own sentences: never a word of the server's. */
export interface Failures {
  unavailable(problem: string, mayHaveRun: boolean, cause?: unknown): HostlerError;
  timeout(mayHaveRun: boolean, cause?: unknown): HostlerError;
  protocol(problem: string, mayHaveRun: boolean, cause?: unknown): HostlerError;
  tooLarge(mayHaveRun: boolean): HostlerError;
  overloaded(limit: string): HostlerError;
  /** An HTTP status that carries no JSON-RPC message for us. `acts`: whether the request may have acted if it ran. */
  refused(status: number, acts: boolean): HostlerError;
}

export function failuresOf(server: string, messageBytes: number): Failures {
  const failures: Failures = {
    unavailable: (problem, mayHaveRun, cause) =>
      upstreamErrors.UNAVAILABLE({ details: { server, problem, mayHaveRun }, cause }),
    timeout: (mayHaveRun, cause) => upstreamErrors.TIMEOUT({ details: { server, mayHaveRun }, cause }),
    protocol: (problem, mayHaveRun, cause) =>
      upstreamErrors.PROTOCOL({ details: { server, problem, mayHaveRun }, cause }),
    tooLarge: (mayHaveRun) => upstreamErrors.RESULT_TOO_LARGE({ details: { server, limit: messageBytes, mayHaveRun } }),
    overloaded: (limit) => upstreamErrors.OVERLOADED({ details: { server, limit, mayHaveRun: false } }),
    refused(status, acts) {
      if (status >= 500) return failures.unavailable(`It answered with HTTP status ${status}.`, acts);
      if (status === 401 || status === 403) {
        return failures.unavailable(
          `It refused the credentials (HTTP status ${status}): check the headers configured for it.`,
          false,
        );
      }
      if (status === 408 || status === 429) {
        return failures.unavailable(`It takes no request now (HTTP status ${status}).`, false);
      }
      if (status >= 400) {
        return failures.protocol(`It answered with HTTP status ${status}: check the path of its url.`, false);
      }
      if (status >= 300) {
        return failures.protocol(
          `It answered with a redirect (HTTP status ${status}), which is not followed: set its url to the final address.`,
          false,
        );
      }
      return failures.protocol(`It answered with HTTP status ${status} and no message.`, acts);
    },
  };
  return failures;
}
