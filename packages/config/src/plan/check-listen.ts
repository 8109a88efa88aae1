import type { ProblemList } from '../problem.ts';
import type { CheckedConfig } from '../schema/config-file.ts';

/** What the ways to prove oneself by a certificate need of each other. */
export function checkListen({ listen, auth }: CheckedConfig, problems: ProblemList): void {
  const { tls, socket, trustedProxies = [] } = listen;
  if (tls !== undefined && socket !== undefined) {
    problems.add(['listen', 'tls'], 'has no meaning beside socket', { part: 'key' });
  }
  if (tls !== undefined && tls.clientCertificates !== 'none' && tls.clientAuthorities === undefined) {
    const hint = 'add clientAuthorities: those who issue the certificates of clients';
    problems.add(['listen', 'tls', 'clientCertificates'], 'nobody says which certificates are believed', { hint });
  }
  if (tls?.clientAuthorities !== undefined && tls.clientCertificates === 'none') {
    const hint = 'add clientCertificates: optional, or required';
    problems.add(['listen', 'tls', 'clientAuthorities'], 'no client is asked for a certificate', { hint, part: 'key' });
  }
  if (auth.certificateHeader !== undefined && trustedProxies.length === 0) {
    const hint = 'add listen.trustedProxies: whose header it is';
    problems.add(['auth', 'certificateHeader'], 'nobody is believed what this header says', { hint, part: 'key' });
  }
}
