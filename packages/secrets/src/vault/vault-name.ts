const NAME = /^[A-Za-z0-9_][A-Za-z0-9_./-]{0,127}$/;

/** Why a secret of the vault cannot have this name; absent when it can. */
export function problemOfVaultName(name: string): string | undefined {
  if (NAME.test(name)) return undefined;
  return 'name it with up to 128 letters, digits, _, -, . and /, for example local://github/token.';
}
