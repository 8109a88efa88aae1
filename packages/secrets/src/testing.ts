import { inspect } from 'node:util';
import { isHostlerError } from '@hostler/kernel';
import type { Clock } from '@hostler/kernel';
import { afterEach, describe, expect, it } from 'vitest';
import { createRedactor } from './redactor/redactor.ts';
import { createSecretResolver } from './resolver/secret-resolver.ts';
import type { SecretResolver } from './resolver/secret-resolver.ts';
import { secretErrors } from './secret-errors.ts';
import { toReadRef } from './secret-provider.ts';
import type { SecretProvider, SecretReading } from './secret-provider.ts';
import { isSecretScheme, parseSecretRef } from './secret-ref.ts';

/** A backend prepared for the suite, and how the provider under test reaches it. */
export interface SecretProviderCase {
  /** A new provider for each test; the suite closes it. */
  readonly create: () => SecretProvider | Promise<SecretProvider>;
  /** A secret that can be read, with its value: at least 8 characters, and nowhere else in the backend. */
  readonly present: { readonly reference: string; readonly value: string };
  /** A well-formed reference to nothing. */
  readonly missing: string;
  /** A secret that exists and may not be read. */
  readonly denied?: string;
  /** A secret that exists and is given to nobody: disabled, destroyed, about to be deleted. */
  readonly disabled?: string;
  /** A reference of this scheme that can name nothing, by its grammar alone. */
  readonly malformed?: string;
  /** A secret whose backend fails or cannot be reached. */
  readonly unavailable?: string;
  /** A secret whose backend takes the request and never answers. */
  readonly hanging?: string;
  /** A text that stands in every answer by which the backend refuses or fails: no error may pass it on. */
  readonly replyText?: string;
  /** Passed to the provider; default: one that refuses every request. */
  readonly fetch?: typeof fetch;
}

/** A wait that goes on for so many turns of the process, so many milliseconds apart, was not ended by the signal. */
const QUICK = { turns: 100, pause: 10 };
/** Milliseconds in which a machine that stalls has such turns. */
const PATIENCE = 30_000;

/** What every secret provider keeps to. Call it at the top of a vitest file. */
export function testSecretProvider(name: string, subject: SecretProviderCase): void {
  describe(`secret provider ${name}`, () => {
    const open: SecretProvider[] = [];
    const create = async (): Promise<SecretProvider> => {
      const provider = await subject.create();
      open.push(provider);
      return provider;
    };
    afterEach(async () => {
      await Promise.all(open.splice(0).map(async (provider) => provider.close?.()));
    });
    const context = (signal: AbortSignal) => ({ signal, fetch: subject.fetch ?? refuseFetch });
    const read = async (reference: string, signal = new AbortController().signal): Promise<SecretReading> => {
      const provider = await create();
      return provider.read(toReadRef(provider, parseSecretRef(reference)), context(signal));
    };
    const resolver = async (): Promise<SecretResolver> =>
      createSecretResolver({
        providers: [await create()],
        redactor: createRedactor(),
        clock: systemClock,
        fetch: subject.fetch ?? refuseFetch,
        // The first read of a provider may load a library, which takes a slow machine its time.
        limits: { tries: 1, readTimeout: 30_000 },
      });

    describeReading({ subject, create, read, resolver });
    describeFailures({ subject, create, read, resolver });
    describeReferences({ subject, create, read, resolver });
    describeAbort({ subject, create, read, resolver });

    it('can be closed twice', async () => {
      const provider = await create();
      await provider.close?.();
      await expect(Promise.resolve(provider.close?.())).resolves.toBeUndefined();
    });

    it('passes its own check when it has one', async () => {
      const provider = await create();
      const checking = Promise.resolve(provider.check?.(context(new AbortController().signal)));
      await expect(checking).resolves.toBeUndefined();
    });
  });
}

interface Reading {
  readonly subject: SecretProviderCase;
  readonly create: () => Promise<SecretProvider>;
  readonly read: (reference: string, signal?: AbortSignal) => Promise<SecretReading>;
  readonly resolver: () => Promise<SecretResolver>;
}

function describeReading({ subject, create, read, resolver }: Reading): void {
  const { reference, value } = subject.present;
  const signal = new AbortController().signal;

  it('serves a scheme that its references name', async () => {
    const { scheme } = await create();
    expect(isSecretScheme(scheme)).toBe(true);
    expect(parseSecretRef(reference).scheme).toBe(scheme);
  });

  it('returns the value', async () => {
    expect((await (await resolver()).resolve(reference, signal)).reveal()).toBe(value);
  });

  it('answers with text that is not empty, and with a version and an expiry that mean something', async () => {
    const reading = await read(reference);
    expect(typeof reading.value).toBe('string');
    expect(reading.value.trim()).not.toBe('');
    const { version = 'none', expiresAt = new Date(0) } = reading;
    expect(version).toMatch(/\S/);
    expect(version).not.toContain(value);
    expect(expiresAt.getTime()).not.toBeNaN();
  });

  it('does not show the value of a resolved secret', async () => {
    const secret = await (await resolver()).resolve(reference, signal);
    const shown = [String(secret), JSON.stringify({ secret }), inspect({ secret }, { depth: 9, showHidden: true })];
    for (const text of shown) expect(text).not.toContain(value);
  });

  it('reads many times at once', async () => {
    const provider = await create();
    const ref = toReadRef(provider, parseSecretRef(reference));
    const context = { signal, fetch: subject.fetch ?? refuseFetch };
    const readings = await Promise.all(Array.from({ length: 16 }, async () => provider.read(ref, context)));
    expect(new Set(readings.map((reading) => reading.value)).size).toBe(1);
  });
}

function describeFailures({ subject, create, read, resolver }: Reading): void {
  const { present, replyText } = subject;
  const secrets = replyText === undefined ? [present.value] : [present.value, replyText];
  const { signal } = new AbortController();
  const failures = [
    ['a missing secret', subject.missing, secretErrors.NOT_FOUND.code],
    ['a secret that may not be read', subject.denied, secretErrors.ACCESS_DENIED.code],
    ['a secret that is disabled', subject.disabled, secretErrors.DISABLED.code],
    ['a backend that fails', subject.unavailable, secretErrors.UNAVAILABLE.code],
  ] as const;
  for (const [what, reference = '', code] of failures) {
    it.skipIf(reference === '')(`answers ${what} with ${code}, without any value`, async () => {
      const error = await failureOf(read(reference));
      expect(isHostlerError(error) ? error.code : error).toBe(code);
      expect(inspect(error, { depth: 9, showHidden: true })).not.toContain(present.value);
    });

    it.skipIf(reference === '')(`says of ${what} nothing that the backend said`, async () => {
      const resolved = (await resolver()).resolve(reference, signal);
      for (const error of await Promise.all([failureOf(read(reference)), failureOf(resolved)])) {
        for (const text of sentTexts(error)) {
          expect(secrets.filter((secret) => text.includes(secret))).toEqual([]);
        }
      }
    });
  }

  it('keeps reads apart that run at once, some of which fail', async () => {
    const provider = await create();
    const context = { signal, fetch: subject.fetch ?? refuseFetch };
    const start = async (reference: string) => provider.read(toReadRef(provider, parseSecretRef(reference)), context);
    const references = Array.from({ length: 16 }, (_, index) =>
      index % 2 === 0 ? present.reference : subject.missing,
    );
    const results = await Promise.allSettled(references.map(start));
    const expected = references.map((reference) => (reference === subject.missing ? 'rejected' : 'fulfilled'));
    expect(results.map(({ status }) => status)).toEqual(expected);
  });

  it.skipIf(!present.reference.includes('#'))('answers a key that is not there with SECRET_NOT_FOUND', async () => {
    const error = await failureOf((await resolver()).resolve(`${present.reference}-none`, signal));
    expect(isHostlerError(error) ? error.code : error).toBe(secretErrors.NOT_FOUND.code);
  });
}

function describeReferences({ subject, create, resolver }: Reading): void {
  const { malformed, present, missing, denied, disabled, unavailable, hanging } = subject;

  it('has no objection to references that it reads', async () => {
    const provider = await create();
    for (const reference of [present.reference, missing, denied, disabled, unavailable, hanging]) {
      if (reference === undefined) continue;
      const ref = toReadRef(provider, parseSecretRef(reference));
      expect([reference, provider.problemOf?.(ref)]).toEqual([reference, undefined]);
    }
  });

  it.skipIf(malformed === undefined)('says what is wrong with a reference that can name nothing', async () => {
    const own = await resolver();
    expect(own.problemOf(malformed ?? '')).toMatch(/\w.*\.$/);
    const error = await failureOf(own.resolve(malformed ?? '', new AbortController().signal));
    expect(isHostlerError(error) ? error.code : error).toBe(secretErrors.REFERENCE_INVALID.code);
  });
}

/** What of an error leaves the host; its cause does not. */
function sentTexts(error: unknown): readonly string[] {
  if (!(error instanceof Error)) return [String(error)];
  return [error.message, error.stack ?? '', isHostlerError(error) ? JSON.stringify(error.details) : ''];
}

function describeAbort({ subject, create, read }: Reading): void {
  it('rejects at once when the signal is aborted before', { timeout: PATIENCE }, async () => {
    const error = await quickly(failureOf(read(subject.present.reference, AbortSignal.abort())));
    expect(error).toBeInstanceOf(Error);
  });

  it('settles at once when the signal is aborted during a read', { timeout: PATIENCE }, async () => {
    const provider = await create();
    const controller = new AbortController();
    const context = { signal: controller.signal, fetch: subject.fetch ?? refuseFetch };
    const reading = provider.read(toReadRef(provider, parseSecretRef(subject.present.reference)), context);
    controller.abort();
    const [result] = await quickly(Promise.allSettled([reading]));
    expect(result.status).toMatch(/fulfilled|rejected/);
  });

  const canHang = subject.hanging !== undefined;
  it.skipIf(!canHang)('leaves a backend that hangs when aborted', { timeout: PATIENCE }, async () => {
    const error = await quickly(failureOf(read(subject.hanging ?? '', AbortSignal.timeout(50))));
    expect(error).toBeInstanceOf(Error);
  });
}

/** Time in which the process had no turn does not count: the machine is slow then, and not the provider. */
async function quickly<Result>(work: Promise<Result>): Promise<Result> {
  const late = Promise.withResolvers<never>();
  let turns = 0;
  const timer = setInterval(() => {
    turns += 1;
    if (turns === QUICK.turns) late.reject(new Error('It was not ended by the signal'));
  }, QUICK.pause);
  try {
    return await Promise.race([work, late.promise]);
  } finally {
    clearInterval(timer);
  }
}

async function failureOf(reading: Promise<unknown>): Promise<unknown> {
  const result = await Promise.allSettled([reading]);
  if (result[0].status === 'rejected') return result[0].reason;
  return expect.unreachable('the read succeeded');
}

const refuseFetch: typeof fetch = async () => {
  throw new TypeError('The suite was given no fetch');
};

const systemClock: Clock = {
  now: () => performance.now(),
  after(delay, callback) {
    const timer = setTimeout(callback, delay);
    timer.unref();
    return () => clearTimeout(timer);
  },
};
