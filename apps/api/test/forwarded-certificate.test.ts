import { X509Certificate } from 'node:crypto';
import { TestAuthority } from '@hostler/test-kit/test-authority';
import { beforeAll, describe, expect, it } from 'vitest';
import { certificateFacts } from '../src/certificate-facts.ts';
import { forwardedCertificate } from '../src/forwarded-certificate.ts';

const NAMES = ['URI:spiffe://corp/agent', 'DNS:Agent.corp', 'email:bot@corp', 'IP:127.0.0.1'];
const HASH = 'ab'.repeat(32);
let authority: TestAuthority;
let shown: X509Certificate;

beforeAll(async () => {
  authority = await TestAuthority.create();
  shown = new X509Certificate((await authority.issue(NAMES)).certificate);
});

const facts = () => ({
  subjectAltNames: ['URI:spiffe://corp/agent', 'DNS:agent.corp', 'email:bot@corp'],
  fingerprint: `sha256:${shown.fingerprint256.replaceAll(':', '').toLowerCase()}`,
  expiresAt: Date.parse(shown.validTo),
});

describe('the names of a certificate', () => {
  it('are those of the kinds that the configuration may have', () => {
    expect(certificateFacts(shown)).toEqual(facts());
  });

  it('are not more than there are, whatever one of them looks like', async () => {
    const sly = ['URI:x:a, URI:spiffe://corp/admin', 'DNS:a", DNS:admin.corp', 'email:a\\", email:admin@corp'];
    const { certificate } = await authority.issue(sly);
    const { subjectAltNames } = certificateFacts(new X509Certificate(certificate));
    expect(subjectAltNames.filter((name) => /^(?:URI:spiffe:|DNS:admin|email:admin)/.test(name))).toEqual([]);
    expect(subjectAltNames).toHaveLength(3);
  });

  it('are none where there are none', async () => {
    const { certificate } = await authority.issue([]);
    expect(certificateFacts(new X509Certificate(certificate)).subjectAltNames).toEqual([]);
  });
});

describe('the certificate in a header', () => {
  it('is between colons', () => {
    const header = `:${shown.raw.toString('base64')}:`;
    expect(forwardedCertificate(header, 'rfc9440')).toEqual(facts());
    for (const bad of ['', ':', '::', ':AAAA:', header.slice(1), `${header}, ${header}`, `${header};x=1`]) {
      expect(forwardedCertificate(bad, 'rfc9440')).toBeUndefined();
    }
  });

  it('is whole in the words of Envoy, or its hash and names', () => {
    const pem = encodeURIComponent(shown.toString());
    const whole = `By=spiffe://corp/host;Hash=${HASH};Cert="${pem}";Subject="";URI=spiffe://corp/admin`;
    expect(forwardedCertificate(whole, 'envoy')).toEqual(facts());
    const named = `By=x;Hash=${HASH};Subject="/CN=a;URI=spiffe://corp/admin,O=b";URI=spiffe://corp/agent;DNS=A.corp;DNS=b`;
    expect(forwardedCertificate(named, 'envoy')).toEqual({
      subjectAltNames: ['URI:spiffe://corp/agent', 'DNS:a.corp', 'DNS:b'],
      fingerprint: `sha256:${HASH}`,
    });
  });

  it('is what the last proxy says', () => {
    const last = `Hash=${'cd'.repeat(32)};URI=spiffe://corp/agent`;
    expect(forwardedCertificate(`Hash=${HASH};URI=spiffe://corp/admin,${last}`, 'envoy')).toEqual({
      subjectAltNames: ['URI:spiffe://corp/agent'],
      fingerprint: `sha256:${'cd'.repeat(32)}`,
    });
  });

  it.each(['', 'URI=spiffe://corp/agent', `Hash=00`, `Hash=${HASH};URI="a`, `Hash=${HASH} junk`, `Hash=${HASH},`])(
    'is none of %j',
    (header) => {
      expect(forwardedCertificate(header, 'envoy')).toBeUndefined();
    },
  );

  it('is none that cannot be read', () => {
    expect(forwardedCertificate(`Hash=${HASH};Cert="junk"`, 'envoy')).toBeUndefined();
    expect(forwardedCertificate(`Hash=${HASH};Cert="%"`, 'envoy')).toBeUndefined();
  });
});
