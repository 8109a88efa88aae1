import type { ProblemList } from '../problem.ts';
import type { CheckedConfig } from '../schema/config-file.ts';

/** Certificates that nobody can show. */
export function noteCertificates({ consumers = {}, listen, auth }: CheckedConfig, notes: ProblemList): void {
  const { clientCertificates = 'none' } = listen.tls ?? {};
  if (clientCertificates !== 'none' || auth.certificateHeader !== undefined) return;
  for (const [name, { certificates }] of Object.entries(consumers)) {
    if (certificates.length === 0) continue;
    notes.add(['consumers', name, 'certificates'], 'no client is asked for a certificate', {
      hint: 'add listen.tls with clientCertificates, or auth.certificateHeader for those that a proxy has verified',
      part: 'key',
    });
  }
}
