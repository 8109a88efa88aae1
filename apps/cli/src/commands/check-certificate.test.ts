import { listenErrors } from '@hostler/runtime';
import { expect, it } from 'vitest';
import { checkCertificate } from './check-certificate.ts';

const { signal } = new AbortController();

it('tells whether the certificate of the host can be used', async () => {
  const material = { certificate: '', key: '' };
  expect(await checkCertificate({ read: () => Promise.resolve(material) }, signal)).toMatchObject([{ status: 'ok' }]);
  expect(await checkCertificate({ read: () => Promise.resolve(undefined) }, signal)).toEqual([]);
  const unusable = listenErrors.TLS_UNUSABLE({ details: { reason: 'the key is not that of the certificate' } });
  expect(await checkCertificate({ read: () => Promise.reject(unusable) }, signal)).toMatchObject([
    {
      name: 'certificate',
      status: 'failed',
      message: expect.stringContaining('not that of the certificate') as string,
    },
  ]);
});
