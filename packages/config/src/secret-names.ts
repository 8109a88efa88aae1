import type { Path } from './path.ts';

const SECRET_VARIABLE =
  /(?:^|_)(?:TOKEN|SECRET|PASSWORD|PASSWD|PASSPHRASE|CREDENTIALS?|API_?KEY|ACCESS_?KEY|PRIVATE_?KEY|AUTH)(?:_|$)/i;
const SECRET_HEADER = /^(?:authorization|proxy-authorization|cookie|x-api-key|api-key|x-auth-token)$/i;

/** Whether a variable of this name most likely holds a secret. */
export function namesSecret(variable: string): boolean {
  return SECRET_VARIABLE.test(variable);
}

export function headerHoldsSecret(name: string): boolean {
  return SECRET_HEADER.test(name);
}

/** Whether a variable came from a file of its own, which is a place where people keep secrets on purpose. */
export function isFromEnvFile(filePath: Path): boolean {
  return filePath.length === 3 && filePath[2] === 'envFile';
}
