import type { Path } from './path.ts';
import type { ProblemList } from './problem.ts';
import type { CheckedConfig } from './schema/config-file.ts';

const SECRET_VARIABLE =
  /(?:^|_)(?:TOKEN|SECRET|PASSWORD|PASSWD|PASSPHRASE|CREDENTIALS?|API_?KEY|ACCESS_?KEY|PRIVATE_?KEY|AUTH)(?:_|$)/i;
const SECRET_HEADER = /^(?:authorization|proxy-authorization|cookie|x-api-key|api-key|x-auth-token)$/i;

/** Whether a variable of this name most likely holds a secret. */
export function namesSecret(variable: string): boolean {
  return SECRET_VARIABLE.test(variable);
}

/** Notes for secrets that stand in a configuration in clear, where everyone who has the file has them too. */
export function noteLiteralSecrets(
  { servers }: CheckedConfig,
  notes: ProblemList,
  toFilePath: (path: Path) => Path,
): void {
  for (const [server, { env = {}, headers = {}, tls }] of Object.entries(servers)) {
    if (typeof tls?.key === 'string') {
      const hint = 'write { secret: "file:///…" } or another reference';
      notes.add(['servers', server, 'tls', 'key'], 'this is a secret, written in clear', { hint });
    }
    for (const [name, value] of Object.entries(env)) {
      if (!namesSecret(name) || typeof value !== 'string' || value === '') continue;
      const path = ['servers', server, 'env', name];
      if (isFromEnvFile(toFilePath(path))) continue;
      const hint = `write { secret: "env://${name}" } or another reference`;
      notes.add(path, 'this looks like a secret, written in clear', { hint });
    }
    for (const [name, value] of Object.entries(headers)) {
      if (!SECRET_HEADER.test(name) || typeof value !== 'string' || value === '') continue;
      const hint = 'write { secret: "env://NAME", format: "Bearer {}" } or another reference';
      notes.add(['servers', server, 'headers', name], 'this looks like a secret, written in clear', { hint });
    }
  }
}

/** Whether a variable came from a file of its own, which is a place where people keep secrets on purpose. */
export function isFromEnvFile(filePath: Path): boolean {
  return filePath.length === 3 && filePath[2] === 'envFile';
}
