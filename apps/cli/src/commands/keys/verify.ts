import { checkKey } from '@hostler/auth';
import type { KeyProblem } from '@hostler/auth';
import type { Cli } from '../../cli.ts';
import { cliErrors } from '../../errors.ts';
import { exitCodes } from '../../exit-codes.ts';
import { loadPlan } from '../../load-plan.ts';
import type { Output } from '../../output.ts';
import { readValueOnce } from '../secrets/read-value.ts';
import { findKey } from './find-key.ts';
import type { FoundKey } from './find-key.ts';

/** `hostler keys verify`: is it a key, whose, until when? The key is read from standard input and repeated nowhere. */
export async function runKeysVerify(cli: Cli, { excess }: { readonly excess: number }): Promise<number> {
  if (excess > 0) throw cliErrors.USAGE({ details: { problem: KEY_IN_ARGUMENTS } });
  const { plan } = await loadPlan(cli);
  const key = (await readValueOnce(cli.context, 'Key')).trim();
  const form = checkKey(key);
  // A key that is kept as a secret may be of any form.
  const found = await findKey(cli, plan, key);
  const isExpired = found?.expires !== undefined && found.expires <= Date.now();
  report(cli.output, { form, found, isExpired });
  if (found === undefined) return form === 'ok' ? exitCodes.NOT_FOUND : exitCodes.USAGE;
  return isExpired ? exitCodes.CALL_FAILED : exitCodes.OK;
}

const KEY_IN_ARGUMENTS =
  'A key is not taken from the command line: the list of processes shows it, and the history of the shell keeps it. Pipe it in, or run hostler keys verify and type it. What you typed now is known to both: replace it.';

interface Findings {
  readonly form: 'ok' | KeyProblem;
  readonly found: FoundKey | undefined;
  readonly isExpired: boolean;
}

const FORMS: Readonly<Record<KeyProblem, string>> = {
  format: 'This is no key as "hostler keys create" makes them, and no consumer has it.',
  checksum: 'This key is mistyped: its checksum is that of another one.',
};

const NOBODYS = 'The form is right, but it is the key of no consumer in this configuration.';

function report(output: Output, { form, found, isExpired }: Findings): void {
  const until = found?.expires === undefined ? undefined : new Date(found.expires).toISOString();
  if (output.isJson) {
    return output.json({
      ok: found !== undefined && !isExpired,
      form,
      ...(found !== undefined && { consumer: found.consumer, expired: isExpired }),
      ...(until !== undefined && { expires: until }),
    });
  }
  if (found === undefined) return output.print(form === 'ok' ? NOBODYS : FORMS[form]);
  if (isExpired) return output.print(`It is a key of ${found.consumer}, and has expired: ${until}`);
  return output.print(
    `It is a key of ${found.consumer}, good ${until === undefined ? 'without an end' : `until ${until}`}.`,
  );
}
