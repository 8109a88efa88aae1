import { Option } from 'commander';
import type { Command } from 'commander';
import type { ExportFlags } from '../commands/audit/export.ts';
import type { FilterFlags } from '../commands/audit/filter.ts';
import type { TailFlags } from '../commands/audit/tail.ts';
import type { VerifyFlags } from '../commands/audit/verify.ts';
import type { Perform } from './create-program.ts';
import { addHelp } from './help.ts';

const PATH_MEANS = 'the folder of the record, or one file of it (default: that of the configuration)';

/** `audit` and what is below it: the record of what was done, read without a host. */
export function addAuditCommands(program: Command, perform: Perform): void {
  const audit = program
    .command('audit')
    .helpCommand(false)
    .summary('read and check the record of what was done')
    .description(
      'Reads the record of who called what and what came of it, and checks that nothing in it was altered\nor is missing. Works on its files: no host has to run.',
    );
  addHelp(audit, {
    examples: [
      ['hostler audit tail -f', 'what happens at the moment'],
      ['hostler audit search --consumer ci --since 24h', 'what has "ci" done since yesterday?'],
      ['hostler audit verify', 'is it as the host has written it?'],
    ],
  });
  addTail(audit, perform);
  addSearch(audit, perform);
  addExport(audit, perform);
  addVerify(audit, perform);
}

function addFilters(command: Command): Command {
  return command
    .option('--consumer <name>', 'of this consumer')
    .option('--server <name>', 'of this server')
    .option('--tool <name>', 'of this tool, prompt or resource, by the name that its server has for it; * for any')
    .addOption(new Option('--kind <kind>', 'of this kind').choices(['call', 'decision', 'change', 'access', 'host']))
    .option('--outcome <outcome>', 'ok, failed, refused, cancelled, or a code such as LIMIT_EXCEEDED')
    .option('--since <time>', 'not older: 30m, 24h, 7d, or a date')
    .option('--until <time>', 'older: 30m, 24h, 7d, or a date');
}

function addTail(audit: Command, perform: Perform): void {
  const tail = addFilters(audit.command('tail'))
    .summary('show the newest records')
    .description('Shows the newest records, and with -f those that are written from then on.')
    .argument('[path]', PATH_MEANS)
    .option('-f, --follow', 'go on until it is interrupted')
    .addOption(new Option('-n, --lines <count>', 'so many records').default('20'))
    .action((path: string | undefined, flags: TailFlags, command: Command) =>
      perform(command, async (cli) => {
        const { runAuditTail } = await import('../commands/audit/tail.ts');
        return runAuditTail(cli, path, flags);
      }),
    );
  addHelp(tail, {
    examples: [
      ['hostler audit tail', 'the last 20'],
      ['hostler audit tail -f --outcome refused', 'who is refused, as it happens'],
      ['hostler audit tail -f --json', 'as they are written, a line each'],
    ],
  });
}

function addSearch(audit: Command, perform: Perform): void {
  const search = addFilters(audit.command('search'))
    .summary('find records')
    .description(
      'Shows the records that fit everything that is asked for: of each process that wrote at the same time,\nthe oldest first.',
    )
    .argument('[path]', PATH_MEANS)
    .action((path: string | undefined, flags: FilterFlags, command: Command) =>
      perform(command, async (cli) => {
        const { runAuditSearch } = await import('../commands/audit/search.ts');
        return runAuditSearch(cli, path, flags);
      }),
    );
  addHelp(search, {
    about: ['With --json each record is a line of JSON. Exit code 5: there is none.'],
    examples: [
      ["hostler audit search --server billing --tool 'delete_*'", 'who has deleted something?'],
      ['hostler audit search --outcome AUTH_INVALID --since 1h', 'who came with a bad key?'],
    ],
  });
}

function addExport(audit: Command, perform: Perform): void {
  const command = addFilters(audit.command('export'))
    .summary('write records to standard output')
    .description('Writes records as they are in the files (jsonl), or as a table for spreadsheets (csv).')
    .argument('[path]', PATH_MEANS)
    .addOption(new Option('--format <format>', 'the form').choices(['jsonl', 'csv']).default('jsonl'))
    .action((path: string | undefined, flags: ExportFlags, own: Command) =>
      perform(own, async (cli) => {
        const { runAuditExport } = await import('../commands/audit/export.ts');
        return runAuditExport(cli, path, flags);
      }),
    );
  addHelp(command, {
    about: [
      '"hostler audit verify" also checks a file that was exported as jsonl without leaving anything out;\nwith --expect also that its end is there.',
    ],
    examples: [
      ['hostler audit export > audit.jsonl', 'all of it'],
      ['hostler audit export --since 7d --format csv > week.csv', 'the last week, as a table'],
    ],
  });
}

function addVerify(audit: Command, perform: Perform): void {
  const verify = audit
    .command('verify')
    .summary('check that nothing was altered and nothing is missing')
    .description(
      'Checks every record, its place and the signatures, and names the first places where the record is\nnot as the host has written it. Names the calls of which nobody knows whether they ran.',
    )
    .argument('[path]', PATH_MEANS)
    .option(
      '--key <key>',
      'the public key, or its fingerprint, that must have signed; several, separated by commas, where it was replaced\n(default: that of this host)',
    )
    .option('--expect <record>', 'a record that must be there: <number>:<hash>, as an earlier "verify" has printed it')
    .action((path: string | undefined, flags: VerifyFlags, command: Command) =>
      perform(command, async (cli) => {
        const { runAuditVerify } = await import('../commands/audit/verify.ts');
        return runAuditVerify(cli, path, flags);
      }),
    );
  addHelp(verify, {
    about: [
      'Exit code 0: it is intact, 4: it is not, 5: there is no record. Whoever holds the key of the host\ncould write another record: keep what it prints, and the fingerprint, where nobody can change it.',
    ],
    examples: [
      ['hostler audit verify', 'the record of the configuration'],
      ['hostler audit verify audit.jsonl --key 3f9a…', 'a file, with the fingerprint of its host'],
    ],
  });
}
