import { createPrivateKey, X509Certificate } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import process from 'node:process';
import type { HostPlan } from '@hostler/config';
import { isHostlerError } from '@hostler/kernel';
import type { Logger } from '@hostler/kernel';
import type { SecretResolver } from '@hostler/secrets';
import { listenErrors } from './errors.ts';

/** PEM texts that fit each other. */
export interface TlsMaterial {
  readonly certificate: string;
  readonly key: string;
  readonly clientAuthorities?: string;
}

/** What the host shows to its clients, and whose certificates it believes. */
export interface ListenTls {
  /** As it is now. Undefined where there is to be none. @throws LISTEN_TLS_UNUSABLE, or the reason of the signal */
  read(signal: AbortSignal): Promise<TlsMaterial | undefined>;
  /** Told when it may be another: after every reload, and when a file or the secret has changed. Returns the end of it. */
  onChange(listener: () => void): () => void;
}

export interface ListenTlsOptions {
  /** The one that the host was built with: other files are a matter of a restart. */
  readonly plan: Pick<HostPlan, 'listen'>;
  readonly secrets: Pick<SecretResolver, 'resolve' | 'onChange'>;
  readonly log: Logger;
  readonly closing: AbortSignal;
}

export interface ListenTlsOfHost extends ListenTls {
  /** There may be another one. */
  changed(): void;
}

/** No chain of certificates comes near it. */
const MAX_PEM_BYTES = 1024 * 1024;

export function createListenTls({ plan, secrets, log, closing }: ListenTlsOptions): ListenTlsOfHost {
  const listeners = new Set<() => void>();
  const changed = (): void => {
    for (const listener of listeners) listener();
  };
  const unsubscribe = secrets.onChange(({ reference }) => {
    if (tlsKeyReferences(plan).includes(reference)) changed();
  });
  closing.addEventListener('abort', unsubscribe, { once: true });

  async function readKey(key: NonNullable<HostPlan['listen']['tls']>['key'], signal: AbortSignal): Promise<string> {
    if (typeof key === 'string') return readPem(key, signal);
    try {
      return (await secrets.resolve(key.secret, signal)).reveal();
    } catch (error) {
      signal.throwIfAborted();
      throw unusable(
        `the secret ${key.secret} cannot be read (${isHostlerError(error) ? error.code : 'unknown'})`,
        error,
      );
    }
  }

  return {
    changed,
    async read(signal) {
      const { tls } = plan.listen;
      if (tls === undefined) return undefined;
      const { clientAuthorities: authorities } = tls;
      const certificate = await readPem(tls.certificate, signal);
      const key = await readKey(tls.key, signal);
      const clientAuthorities = authorities === undefined ? undefined : await readPem(authorities, signal);
      const material = { certificate, key, ...(clientAuthorities !== undefined && { clientAuthorities }) };
      check(material, log);
      return material;
    },
    onChange(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
  };
}

/** The secret that is the private key; none where that is a file. */
export function tlsKeyReferences({ listen: { tls } }: Pick<HostPlan, 'listen'>): readonly string[] {
  return typeof tls?.key === 'object' ? [tls.key.secret] : [];
}

/** The files that hold it. */
export function tlsFiles({ listen: { tls } }: Pick<HostPlan, 'listen'>): readonly string[] {
  if (tls === undefined) return [];
  return [tls.certificate, tls.key, tls.clientAuthorities].filter((path) => typeof path === 'string');
}

async function readPem(path: string, signal: AbortSignal): Promise<string> {
  const text = await readFile(path, { encoding: 'utf8', signal }).catch((error: unknown) => {
    signal.throwIfAborted();
    throw unusable(`${path} cannot be read`, error);
  });
  if (text.length > MAX_PEM_BYTES) throw unusable(`${path} is too large to be one`);
  return text;
}

/** What does not fit is found here, before a client does. */
function check({ certificate, key, clientAuthorities }: TlsMaterial, log: Logger): void {
  const shown = parse('the certificate is no PEM text of one', () => new X509Certificate(certificate));
  const secret = parse('the key is no PEM text of one, or it has a passphrase', () => createPrivateKey(key));
  if (!shown.checkPrivateKey(secret)) throw unusable('the key is not that of the certificate');
  if (clientAuthorities !== undefined) {
    parse('the authorities of clients are no PEM text of certificates', () => new X509Certificate(clientAuthorities));
  }
  parse('the TLS library refuses them', () =>
    // Not imported: TLS takes 3 MiB, and most hosts have none.
    process.getBuiltinModule('node:tls').createSecureContext({ cert: certificate, key, ca: clientAuthorities }),
  );
  if (shown.validToDate.getTime() <= Date.now()) {
    log.warn({ validTo: shown.validToDate.toISOString() }, 'the certificate of listen.tls has expired');
  }
}

function parse<Value>(problem: string, make: () => Value): Value {
  try {
    return make();
  } catch (error) {
    throw unusable(problem, error);
  }
}

function unusable(reason: string, cause?: unknown): Error {
  return listenErrors.TLS_UNUSABLE({ details: { reason }, cause });
}
