import type { HostlerError } from '@hostler/kernel';
import { upstreamErrors } from '../errors.ts';
import { NetworkFailure } from '../network/network-failure.ts';

/** The errors of one server, with its name filled in. Problems are our own sentences: never a word of the server's. */
export interface Failures {
  unavailable(problem: string, mayHaveRun: boolean, cause?: unknown): HostlerError;
  timeout(mayHaveRun: boolean): HostlerError;
  protocol(problem: string, mayHaveRun: boolean, cause?: unknown): HostlerError;
  tooLarge(mayHaveRun: boolean, limit?: number): HostlerError;
  overloaded(limit: string): HostlerError;
  /** No connection came about: the request was not sent. */
  unreachable(cause: Error): HostlerError;
  /** The connection broke after the request was sent. `acts`: whether the request may have acted if it ran. */
  broken(cause: Error | undefined, acts: boolean): HostlerError;
  /** An HTTP status that carries no JSON-RPC message for us. `acts`: whether the request may have acted if it ran. */
  refused(status: number, acts: boolean): HostlerError;
}

export function failuresOf(server: string, messageBytes: number): Failures {
  const failures: Failures = {
    unavailable: (problem, mayHaveRun, cause) =>
      upstreamErrors.UNAVAILABLE({ details: { server, problem, mayHaveRun }, cause }),
    timeout: (mayHaveRun) => upstreamErrors.TIMEOUT({ details: { server, mayHaveRun } }),
    protocol: (problem, mayHaveRun, cause) =>
      upstreamErrors.PROTOCOL({ details: { server, problem, mayHaveRun }, cause }),
    tooLarge: (mayHaveRun, limit = messageBytes) =>
      upstreamErrors.RESULT_TOO_LARGE({ details: { server, limit, mayHaveRun } }),
    overloaded: (limit) => upstreamErrors.OVERLOADED({ details: { server, limit, mayHaveRun: false } }),
    unreachable(cause) {
      const problem = cause instanceof NetworkFailure ? cause.problem : connectProblem(codeOf(cause));
      return failures.unavailable(problem, false, cause);
    },
    broken(cause, acts) {
      // TLS 1.3: that a certificate is refused is said after the connection seems to stand.
      if (cause !== undefined && isCertificateAlert(codeOf(cause))) return failures.unreachable(cause);
      return failures.unavailable('The connection ended before its answer.', acts, cause);
    },
    refused(status, acts) {
      if (status >= 500) return failures.unavailable(`It answered with HTTP status ${status}.`, acts);
      if (status === 401 || status === 403) {
        return failures.unavailable(
          `It refused the credentials (HTTP status ${status}): check the headers configured for it.`,
          false,
        );
      }
      if (status === 407) {
        return failures.unavailable('The proxy on the way to it wants other credentials (HTTP status 407).', false);
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

const UNTRUSTED =
  'Its certificate is not trusted: name its authority in tls.ca or NODE_EXTRA_CA_CERTS, or correct the certificate.';

/** What the usual codes of Node and undici mean for whoever wrote the url. */
const CONNECT_PROBLEMS: ReadonlyMap<string, string> = new Map([
  ['ECONNREFUSED', 'It refuses connections: check that it runs, and the port of its url.'],
  ['ENOTFOUND', 'The host name of its url is not known: check its spelling and the DNS.'],
  ['EAI_AGAIN', 'The DNS does not answer for the host name of its url.'],
  ['UND_ERR_CONNECT_TIMEOUT', 'It does not take connections in time: check the network between here and its url.'],
  ['ENOENT', 'There is no socket at the path that is configured for it: check socket, and that it runs.'],
  ['EACCES', 'Its socket may not be used: check the permissions of the path that is configured for it.'],
  ['CERT_HAS_EXPIRED', 'Its certificate has expired.'],
  [
    'ERR_TLS_CERT_ALTNAME_INVALID',
    'Its certificate is for another host name than that of its url: see tls.serverName.',
  ],
  ['DEPTH_ZERO_SELF_SIGNED_CERT', UNTRUSTED],
  ['SELF_SIGNED_CERT_IN_CHAIN', UNTRUSTED],
  ['CERT_SIGNATURE_FAILURE', UNTRUSTED],
  ['UNABLE_TO_GET_ISSUER_CERT_LOCALLY', UNTRUSTED],
  ['UNABLE_TO_VERIFY_LEAF_SIGNATURE', UNTRUSTED],
]);

function codeOf(cause: Error): string {
  return 'code' in cause ? String(cause.code) : '';
}

/** Source: RFC 8446, 6.2: the alerts that answer a client's certificate, or its absence. */
function isCertificateAlert(code: string): boolean {
  return /^ERR_SSL_.*ALERT.*(?:CERTIFICATE|UNKNOWN_CA|ACCESS_DENIED|HANDSHAKE_FAILURE)/.test(code);
}

function connectProblem(code: string): string {
  if (isCertificateAlert(code)) {
    return 'It refuses the certificate that it was shown, or wants one: check tls.certificate and tls.key.';
  }
  if (code.startsWith('ERR_SSL_') || code === 'EPROTO') {
    return 'It does not speak TLS as the host does: check whether its url should begin with http.';
  }
  return CONNECT_PROBLEMS.get(code) ?? 'It cannot be reached.';
}
