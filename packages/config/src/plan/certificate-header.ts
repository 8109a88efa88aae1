import type { CheckedConfig } from '../schema/config-file.ts';
import type { AuthSpec } from './host-plan.ts';

/** Absent where no proxy is believed to know the certificates of its clients. */
export function toCertificateHeader({ auth }: CheckedConfig): Pick<AuthSpec, 'certificateHeader'> {
  if (auth.certificateHeader === undefined) return {};
  const { name, format } = auth.certificateHeader;
  const usual = format === 'envoy' ? 'x-forwarded-client-cert' : 'client-cert';
  return { certificateHeader: { name: name?.toLowerCase() ?? usual, format } };
}
