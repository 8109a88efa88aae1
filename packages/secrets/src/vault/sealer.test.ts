import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { createSealer } from './sealer.ts';

const ONE = `hex:${createHash('sha256').update('one').digest('hex')}`;
const TWO = `hex:${createHash('sha256').update('two').digest('hex')}`;

describe('createSealer', () => {
  it('opens what it sealed, also after a restart', async () => {
    const first = await createSealer([ONE]);
    const sealed = first.seal(['token', 'a'], 'the text');
    const second = await createSealer([ONE], first.proof);
    expect(second.unseal(['token', 'a'], sealed)).toBe('the text');
    expect(sealed).not.toContain('the text');
  });

  it('opens nothing at another place, or that was changed', async () => {
    const sealer = await createSealer([ONE]);
    const sealed = sealer.seal(['token', 'a'], 'the text');
    expect(sealer.unseal(['token', 'b'], sealed)).toBeUndefined();
    expect(sealer.unseal(['token', 'a'], `${sealed.slice(0, -4)}AAAA`)).toBeUndefined();
  });

  it('reads with an old key and writes with the new one', async () => {
    const before = await createSealer([ONE]);
    const sealed = before.seal(['a'], 'the text');
    const after = await createSealer([TWO, ONE], before.proof);
    expect(after.unseal(['a'], sealed)).toBe('the text');
    expect(after.seal(['a'], 'the text').split('.')[0]).not.toBe(sealed.split('.')[0]);
  });

  it('refuses a key that proves nothing', async () => {
    const before = await createSealer([ONE]);
    await expect(createSealer([TWO], before.proof)).rejects.toMatchObject({ code: 'SECRET_VAULT_KEY_WRONG' });
  });
});
