import { describe, expect, it } from 'vitest';
import { FILE, problemsOf } from '../test/support/problems-of.ts';
import { parseConfig } from './parse.ts';

function problemsWith(...lines: readonly string[]): string[] {
  return problemsOf(['servers: {}', ...lines, ''].join('\n'));
}

const RANGE = 'must be an address, a range of them such as 10.0.0.0/8 or fd00::/8, or unix';
const DIGITS = 'must be sha256: and 64 hexadecimal digits, as openssl x509 -fingerprint -sha256 prints them';
const NAME = 'must be one name with its kind, such as URI:spiffe://corp/agent, DNS:agent.corp or email:bot@corp';

describe('what is wrong with how the host listens', () => {
  it.each<[what: string, lines: readonly string[], ...expected: string[]]>([
    [
      'proxies that are no addresses',
      [
        'listen: { trustedProxies: [10.0.0.0/8, 10.0.0.0/33, "fd00::/129", proxy.corp, 10.0.0.0/08, "*", 1.2.3, unix] }',
      ],
      ...[1, 2, 3, 4, 5, 6].map((index) => `listen.trustedProxies[${index}]: ${RANGE}`),
    ],
    ['half a certificate', ['listen: { tls: { certificate: a.pem } }'], '2:11 listen.tls: missing key "key"'],
    [
      'client certificates of everybody',
      ['listen: { tls: { certificate: a, key: b, clientCertificates: required } }'],
      'listen.tls.clientCertificates: nobody says which certificates are believed (add clientAuthorities: those who issue the certificates of clients)',
    ],
    [
      'authorities that nobody is asked for',
      ['listen: { tls: { certificate: a, key: b, clientAuthorities: c } }'],
      'listen.tls.clientAuthorities: no client is asked for a certificate (add clientCertificates: optional, or required)',
    ],
    [
      'what is in the files in their place, and a secret',
      ['listen: { tls: { certificate: "-----BEGIN CERTIFICATE-----", key: "-----BEGIN PRIVATE KEY-----" } }'],
      'listen.tls.certificate: must be the path of a PEM file, not what is in it',
      'listen.tls.key: must be the path of a PEM file, not what is in it',
    ],
    [
      'secrets in the place of paths',
      ['listen: { tls: { certificate: a, key: "env://TLS_KEY" } }'],
      'listen.tls.key: this is a secret reference written as a path: write { secret: "…" } around it',
    ],
    [
      'a secret that is kept nowhere',
      ['listen: { tls: { certificate: a, key: { secret: "local://tls" } } }'],
      'listen.tls.key.secret: local:// needs secrets.local',
    ],
    [
      'TLS on a socket',
      ['listen: { socket: s, tls: { certificate: a, key: b } }'],
      'listen.tls: has no meaning beside socket',
    ],
    [
      'a header that nobody is believed',
      ['consumers: {}', 'auth: { certificateHeader: { format: envoy } }'],
      'auth.certificateHeader: nobody is believed what this header says (add listen.trustedProxies: whose header it is)',
    ],
    [
      'a header with another meaning',
      ['listen: { trustedProxies: [10.0.0.1] }', 'auth: { certificateHeader: { name: Authorization, format: envoy } }'],
      'auth.certificateHeader.name: this header has another meaning',
    ],
  ])('%s', (_, lines, ...expected) => {
    const found = problemsWith(...lines);
    expect(found).toHaveLength(expected.length);
    for (const [index, line] of expected.entries()) expect(found[index]).toContain(line);
  });

  it.each<[what: string, certificates: string, ...expected: string[]]>([
    ['nothing', '{}', 'missing key "san" or "fingerprint" (name what stands in the certificate'],
    ['both', `{ san: "DNS:x", fingerprint: "sha256:${'0'.repeat(64)}" }`, 'has either san or fingerprint, not both'],
    ['no kind', '{ san: agent.corp }', NAME],
    ['a kind of address', '{ san: "IP Address:127.0.0.1" }', NAME],
    ['two names', '{ san: "DNS:a, DNS:b" }', NAME],
    ['a short fingerprint', '{ fingerprint: "sha256:00" }', DIGITS],
    ['the same one twice', '{ san: "DNS:A.corp" }, { san: "DNS:a.corp" }', 'this certificate stands here twice'],
    ['the one of another', '{ san: "URI:x" }', 'this certificate is that of consumer "first" already'],
  ])('of a consumer: %s', (_, certificates, ...expected) => {
    const first = '  first: { certificates: [{ san: "URI:x" }] }';
    const found = problemsWith('consumers:', first, `  ci: { certificates: [${certificates}] }`);
    expect(found).toHaveLength(expected.length);
    for (const [index, line] of expected.entries()) expect(found[index]).toContain(line);
  });
});

it('puts what was written into one form', () => {
  const digits = Array.from({ length: 32 }, () => 'AB').join(':');
  const text = [
    'servers: {}',
    `consumers: { ci: { certificates: [{ san: "DNS:A.Corp" }, { fingerprint: "sha256:${digits}" }, { san: "URI:A:b" }] } }`,
    'auth: { certificateHeader: { format: rfc9440 } }',
    'listen: { trustedProxies: ["fd00::/8", unix], tls: { certificate: a, key: { secret: "env://K" }, clientAuthorities: /c, clientCertificates: optional } }',
  ].join('\n');
  const { plan } = parseConfig(text, FILE);
  expect(plan.consumers?.[0]?.certificates).toEqual(['DNS:a.corp', `sha256:${'ab'.repeat(32)}`, 'URI:A:b']);
  expect(plan.auth.certificateHeader).toEqual({ name: 'client-cert', format: 'rfc9440' });
  expect(plan.listen).toMatchObject({
    trustedProxies: ['fd00::/8', 'unix'],
    tls: {
      certificate: '/etc/hostler/a',
      key: { secret: 'env://K' },
      clientAuthorities: '/c',
      clientCertificates: 'optional',
    },
  });
});

it('notes certificates that nobody can show', () => {
  const notesOf = (...lines: readonly string[]): string[] =>
    parseConfig(
      ['servers: {}', 'consumers: { ci: { certificates: [{ san: "URI:x" }] } }', ...lines].join('\n'),
      FILE,
    ).notes.map(({ path, message }) => `${path}: ${message}`);
  expect(notesOf()).toEqual(['consumers.ci.certificates: no client is asked for a certificate']);
  const tls = (mode: string): string => `listen: { tls: { certificate: a, key: b, clientAuthorities: c, ${mode} } }`;
  expect(notesOf(tls('clientCertificates: optional'))).toEqual([]);
  expect(notesOf('listen: { trustedProxies: [10.0.0.1] }', 'auth: { certificateHeader: { format: envoy } }')).toEqual(
    [],
  );
});
