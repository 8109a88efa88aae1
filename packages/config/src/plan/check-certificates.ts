import type { ProblemList } from '../problem.ts';
import type { CheckedConfig } from '../schema/config-file.ts';
import { toCertificateMatch } from './certificate-match.ts';

/** Every certificate that a consumer names is said in one way, and is nobody else's. */
export function checkCertificates({ consumers = {} }: CheckedConfig, problems: ProblemList): void {
  const owners = new Map<string, string>();
  for (const [name, { certificates }] of Object.entries(consumers)) {
    for (const [index, certificate] of certificates.entries()) {
      const path = ['consumers', name, 'certificates', index];
      const match = toCertificateMatch(certificate);
      if (match === undefined) {
        const hint = 'name what stands in the certificate: { san: "URI:spiffe://corp/agent" }';
        problems.add(path, 'missing key "san" or "fingerprint"', { hint });
      } else if (certificate.san !== undefined && certificate.fingerprint !== undefined) {
        problems.add([...path, 'fingerprint'], 'a certificate has either san or fingerprint, not both', {
          part: 'key',
        });
      } else {
        const owner = owners.get(match);
        const whose = owner === name ? 'stands here twice' : `is that of consumer "${owner}" already`;
        if (owner !== undefined) problems.add(path, `this certificate ${whose}`);
        else owners.set(match, name);
      }
    }
  }
}
