import { inspect } from 'node:util';
import * as v from 'valibot';
import { describe, expect, expectTypeOf, it } from 'vitest';
import { defineSecretProvider, isSecretProviderDefinition } from './define-secret-provider.ts';
import type { SecretProvider } from './secret-provider.ts';
import { parseSecretRef } from './secret-ref.ts';
import type { StandardSchemaV1 } from './standard-schema.ts';

const context = { signal: new AbortController().signal, fetch };
const readWith = async (provider: SecretProvider) => provider.read(parseSecretRef('vault://x'), context);

const vault = defineSecretProvider({
  scheme: 'vault',
  options: v.strictObject({ address: v.string(), retries: v.optional(v.pipe(v.string(), v.transform(Number)), '3') }),
  create: (options) => {
    expectTypeOf(options).toEqualTypeOf<{ address: string; retries: number }>();
    return { read: async (ref) => ({ value: `${options.address}/${ref.path}?${options.retries}` }) };
  },
});

describe('a provider definition', () => {
  it('builds the provider from checked and transformed options', async () => {
    const provider = await vault.create({ address: 'here' });
    expect(provider.scheme).toBe('vault');
    expect(await readWith(provider)).toEqual({ value: 'here/x?3' });
  });

  it('infers the options that a caller writes', () => {
    expectTypeOf<Parameters<typeof vault.create>[0]>().toEqualTypeOf<{
      address: string;
      retries?: string | undefined;
    }>();
    // @ts-expect-error the address is missing
    const wrong = async () => vault.create({});
    expect(wrong).toBeTypeOf('function');
  });

  it('names every wrong option by its path, and no value', async () => {
    const options = { address: 42, token: 'hunter2-hunter2' } as never;
    const error: unknown = await vault.create(options).catch((reason: unknown) => reason);
    expect(error).toMatchObject({ code: 'SECRET_OPTIONS_INVALID', message: expect.stringContaining('address, token') });
    expect(inspect((error as { details: unknown }).details)).not.toContain('42');
  });

  it('waits for a schema that answers later', async () => {
    const later: StandardSchemaV1<{ a: string }> = {
      '~standard': {
        version: 1,
        vendor: 'test',
        validate: async () => ({ issues: [{ message: 'no', path: ['a', { key: 'b' }] }, { message: 'no' }] }),
      },
    };
    const provider = defineSecretProvider({ scheme: 'later', options: later, create: () => ({ read: neverRead }) });
    await expect(provider.create({ a: '' })).rejects.toThrow('check these options: a.b, (options).');
  });

  it('takes absent options for {}', async () => {
    const optional = defineSecretProvider({
      scheme: 'optional',
      options: v.object({ region: v.optional(v.string(), 'here') }),
      create: ({ region }) => ({ read: async () => ({ value: region }) }),
    });
    expect(await readWith(await optional.create(undefined as never))).toEqual({ value: 'here' });
  });

  it('refuses options when it declares none', async () => {
    const plain = defineSecretProvider({ scheme: 'plain', create: () => ({ read: neverRead }) });
    expect((await plain.create()).scheme).toBe('plain');
    await expect(plain.create({ region: 'x' } as never)).rejects.toThrow('it takes no options; remove: region.');
  });

  it('refuses a scheme that no reference can name', () => {
    expect(() => defineSecretProvider({ scheme: 'My Vault', create: () => ({ read: neverRead }) })).toThrow(
      expect.objectContaining({ code: 'SECRET_OPTIONS_INVALID' }),
    );
  });

  it('keeps methods of a class and what it declares', async () => {
    class Backend {
      readonly selectsKeys = true;
      readonly #value = 'from a class';
      closed = false;
      async read() {
        return { value: this.#value };
      }
      async check() {
        if (this.closed) throw new Error('closed');
      }
      async close() {
        this.closed = true;
      }
    }
    const provider = await defineSecretProvider({ scheme: 'class', create: async () => new Backend() }).create();
    expect(provider.selectsKeys).toBe(true);
    expect(await readWith(provider)).toEqual({ value: 'from a class' });
    await provider.close?.();
    await expect(provider.check?.(context)).rejects.toThrow('closed');
  });

  it('is recognised among other exports of a module', () => {
    expect(isSecretProviderDefinition(vault)).toBe(true);
    expect([undefined, null, {}, () => vault].some(isSecretProviderDefinition)).toBe(false);
  });
});

async function neverRead(): Promise<never> {
  throw new Error('not read here');
}
