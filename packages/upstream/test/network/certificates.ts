// Before the next import, which asks for it.
import 'reflect-metadata';
import { webcrypto } from 'node:crypto';
import {
  BasicConstraintsExtension,
  ExtendedKeyUsage,
  ExtendedKeyUsageExtension,
  SubjectAlternativeNameExtension,
  X509CertificateGenerator,
} from '@peculiar/x509';
import type { Extension, X509Certificate } from '@peculiar/x509';

const ALGORITHM = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' };

/** A certificate and its key in PEM form. */
export interface Identity {
  readonly certificate: string;
  readonly key: string;
}

/** An authority of its own for one test. */
export class TestAuthority {
  readonly certificate: string;
  readonly #issuer: X509Certificate;
  readonly #keys: webcrypto.CryptoKeyPair;
  #serial = 1;

  private constructor(issuer: X509Certificate, keys: webcrypto.CryptoKeyPair) {
    this.#issuer = issuer;
    this.#keys = keys;
    this.certificate = issuer.toString('pem');
  }

  static async create(): Promise<TestAuthority> {
    const keys = await generateKeys();
    const issuer = await X509CertificateGenerator.createSelfSigned({
      serialNumber: '01',
      name: 'CN=Test Authority',
      ...validity(),
      keys,
      signingAlgorithm: ALGORITHM,
      extensions: [new BasicConstraintsExtension(true, 1, true)],
    });
    return new TestAuthority(issuer, keys);
  }

  /** For the host names, or for a client when there are none. */
  async issue(...names: string[]): Promise<Identity> {
    const keys = await generateKeys();
    const extensions: Extension[] = [
      new ExtendedKeyUsageExtension([names.length > 0 ? ExtendedKeyUsage.serverAuth : ExtendedKeyUsage.clientAuth]),
    ];
    if (names.length > 0) extensions.push(new SubjectAlternativeNameExtension(names.map(toName)));
    const certificate = await X509CertificateGenerator.create({
      serialNumber: `0${++this.#serial}`,
      subject: `CN=${names[0] ?? 'client'}`,
      issuer: this.#issuer.subject,
      ...validity(),
      signingKey: this.#keys.privateKey,
      publicKey: keys.publicKey,
      signingAlgorithm: ALGORITHM,
      extensions,
    });
    const key = Buffer.from(await webcrypto.subtle.exportKey('pkcs8', keys.privateKey)).toString('base64');
    return {
      certificate: certificate.toString('pem'),
      key: `-----BEGIN PRIVATE KEY-----\n${key}\n-----END PRIVATE KEY-----\n`,
    };
  }
}

function generateKeys(): Promise<webcrypto.CryptoKeyPair> {
  return webcrypto.subtle.generateKey(ALGORITHM, true, ['sign', 'verify']) as Promise<webcrypto.CryptoKeyPair>;
}

function validity(): { notBefore: Date; notAfter: Date } {
  return { notBefore: new Date(Date.now() - 60_000), notAfter: new Date(Date.now() + 3_600_000) };
}

function toName(value: string): { type: 'ip' | 'dns'; value: string } {
  return { type: /^[\d.]+$/.test(value) ? 'ip' : 'dns', value };
}
