// Sets the secrets `<prefix>0` to `<prefix><count - 1>` of a vault, over and over for an endless count.
import { createVault } from '@hostler/secrets/vault';
import { isHostlerError } from '@hostler/kernel';

const [file = '', key = '', prefix = '', count = ''] = process.argv.slice(2);
const vault = createVault({ file, keys: [key] });

async function setOnce(name: string): Promise<void> {
  for (;;) {
    try {
      const { version } = await vault.set(name, `value of ${name}`);
      process.stdout.write(`${name} ${version}\n`);
      return;
    } catch (error) {
      if (!isHostlerError(error) || error.code !== 'SECRET_VAULT_BUSY') throw error;
    }
  }
}

const times = count === 'endless' ? Infinity : Number(count);
for (let index = 0; index < times; index += 1) await setOnce(`${prefix}${times === Infinity ? 0 : index}`);
