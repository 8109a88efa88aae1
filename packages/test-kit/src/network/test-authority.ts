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
import type { Extension, GeneralNameType, X509Certificate } from '@peculiar/x509';

const ALGORITHM = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' };

/** A certificate and its key as PEM texts. */
export interface Certified {
  readonly certificate: string;
  readonly key: string;
}

export interface IssueOptions {
  /** Milliseconds from now, an hour if absent; below zero it has ended. */
  readonly lasts?: number;
  /** The one thing that it is good for; absent: anything. */
  readonly use?: 'client' | 'server';
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
      ...validity(3_600_000),
      keys,
      signingAlgorithm: ALGORITHM,
      extensions: [new BasicConstraintsExtension(true, 1, true)],
    });
    return new TestAuthority(issuer, keys);
  }

  /** @param names with their kinds: `DNS:`, `IP:`, `URI:` or `email:` */
  async issue(names: readonly string[], { lasts = 3_600_000, use }: IssueOptions = {}): Promise<Certified> {
    const keys = await generateKeys();
    const extensions: Extension[] = [];
    if (use !== undefined) extensions.push(new ExtendedKeyUsageExtension([ExtendedKeyUsage[`${use}Auth`]]));
    if (names.length > 0) extensions.push(new SubjectAlternativeNameExtension(names.map(toName)));
    const certificate = await X509CertificateGenerator.create({
      serialNumber: `0${++this.#serial}`,
      subject: 'CN=Test',
      issuer: this.#issuer.subject,
      ...validity(lasts),
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

function validity(lasts: number): { notBefore: Date; notAfter: Date } {
  return { notBefore: new Date(Date.now() - 3_600_000), notAfter: new Date(Date.now() + lasts) };
}

const KINDS: Readonly<Record<string, GeneralNameType>> = { URI: 'url', DNS: 'dns', email: 'email', IP: 'ip' };

function toName(name: string): { type: GeneralNameType; value: string } {
  const end = name.indexOf(':');
  return { type: KINDS[name.slice(0, end)] ?? 'dns', value: name.slice(end + 1) };
}
