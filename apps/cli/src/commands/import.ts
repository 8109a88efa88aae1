import { writeFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { loadConfig } from '@hostler/config';
import type { HostPlan } from '@hostler/config';
import { importConfig } from '@hostler/config/text';
import type { UpstreamSpec } from '@hostler/kernel';
import type { Cli } from '../cli.ts';
import { cliErrors } from '../errors.ts';
import { exitCodes } from '../exit-codes.ts';
import { problemLines, shownPath } from '../problems.ts';
import { commandLine } from '../text/command-line.ts';
import { spelledOut } from '../text/printable.ts';
import { findDangers } from './dangers.ts';

export interface ImportOptions {
  /** A path, or `-` for standard output. */
  readonly out: string;
  readonly force?: boolean;
}

/** `hostler import <file>`: a client's configuration becomes a `hostler.yaml`; what it would run is shown first. */
export async function runImport(cli: Cli, file: string, { out, force }: ImportOptions): Promise<number> {
  const { context, output } = cli;
  const { environment, workingDirectory } = context;
  const path = resolve(workingDirectory, file);
  const target = resolve(workingDirectory, out === '-' ? 'hostler.yaml' : out);
  const { plan, notes, format } = await loadConfig(path, { environment });
  const yaml = await importConfig(path, { environment, target });
  const isToOutput = out === '-';
  if (!output.isJson) {
    // Standard output belongs to the file when it is written there.
    const say = isToOutput ? output.warn : output.print;
    for (const line of describeServers(cli, plan)) say(line);
    for (const line of problemLines(notes, workingDirectory))
      output.warn(`${output.paintNote('yellow', 'note')} ${line}`);
  }
  if (!isToOutput) await write(target, yaml, { isForced: force === true, shown: shownPath(target, workingDirectory) });
  const servers = plan.servers.map(summarizeCommand);
  if (output.isJson) output.json({ format, ...(isToOutput ? { yaml } : { file: target }), servers, notes });
  else if (isToOutput) output.raw(Buffer.from(yaml));
  else {
    const shown = shownPath(target, workingDirectory);
    output.print(`Wrote ${shown}.`);
    const schema = join(dirname(shown), 'hostler.schema.json');
    output.print(output.paint('dim', `For editors: hostler schema > ${commandLine(schema, [])}`));
    output.print(`Next: hostler doctor${shown === 'hostler.yaml' ? '' : ` --config ${commandLine(shown, [])}`}`);
  }
  return exitCodes.OK;
}

function describeServers({ output }: Cli, { servers }: HostPlan): string[] {
  return servers.flatMap((spec) => {
    const { runs, dangers } = summarizeCommand(spec);
    return [
      `${output.paint('bold', spec.name)}  ${runs}`,
      ...dangers.map(
        ({ severity, message }) => `  ${output.paint(severity === 'danger' ? 'red' : 'yellow', severity)}: ${message}`,
      ),
    ];
  });
}

function summarizeCommand({ name, transport }: UpstreamSpec) {
  if (transport.kind === 'stdio') {
    const { command, args } = transport;
    return { name, runs: commandLine(command, args), dangers: findDangers(transport) };
  }
  return {
    name,
    runs: 'url' in transport ? `connects to ${spelledOut(transport.url)}` : 'in process',
    dangers: [],
  };
}

/** `wx` refuses an existing file in the same step as it creates one. */
async function write(
  target: string,
  text: string,
  { isForced, shown }: { isForced: boolean; shown: string },
): Promise<void> {
  try {
    await writeFile(target, text, { flag: isForced ? 'w' : 'wx' });
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined;
    if (code === 'EEXIST') throw cliErrors.FILE_EXISTS({ details: { file: shown }, cause: error });
    const reason = code === 'ENOENT' ? 'its folder does not exist' : 'the operating system refuses';
    throw cliErrors.FILE_UNWRITABLE({ details: { file: shown, reason }, cause: error });
  }
}
