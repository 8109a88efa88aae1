import { relative } from 'node:path';
import { createAuditKey, fingerprintOf, verifyAudit } from '@hostler/audit';
import type { Finding, VerifyOptions, VerifyReport } from '@hostler/audit';
import type { Cli } from '../../cli.ts';
import { cliErrors } from '../../errors.ts';
import { exitCodes } from '../../exit-codes.ts';
import { printableLine } from '../../text/printable.ts';
import { findRecord } from './record-path.ts';
import type { RecordPlace } from './record-path.ts';

export interface VerifyFlags {
  readonly key?: string;
  readonly expect?: string;
}

/** `hostler audit verify`: is the record as the host has written it? */
export async function runAuditVerify(cli: Cli, named: string | undefined, flags: VerifyFlags): Promise<number> {
  const expected = expectedFrom(flags.expect);
  const place = await findRecord(cli, named);
  const { key, fingerprint } = await keyFrom(cli, flags.key, place);
  const anchors = await anchorsOf(cli, place);
  const report = await verifyAudit(place.path, {
    ...(key !== undefined && { key }),
    ...(expected && { expected }),
    ...(anchors && { anchors }),
  });
  const isOther = fingerprint !== undefined && report.chains.some((chain) => !isKey(chain.key, fingerprint));
  const isIntact = report.isIntact && !isOther;
  if (cli.output.isJson) cli.output.json({ ...report, isIntact, ...(isOther && { otherKey: true }) });
  else print(cli, report, { isIntact, isOther });
  if (report.chains.length === 0) return exitCodes.NOT_FOUND;
  return isIntact ? exitCodes.OK : exitCodes.CALL_FAILED;
}

function expectedFrom(text: string | undefined): { seq: number; hash: string } | undefined {
  if (text === undefined) return undefined;
  const [, seq, hash] = /^(\d{1,15}):([0-9a-f]{64})$/.exec(text) ?? [];
  if (seq !== undefined && hash !== undefined) return { seq: Number(seq), hash };
  throw cliErrors.USAGE({
    details: { problem: '--expect takes <number>:<hash>, as "hostler audit verify" prints it.' },
  });
}

interface WantedKey {
  readonly key?: readonly string[];
  readonly fingerprint?: string;
}

const KEYS = /^(?:[\w-]{43}|[0-9a-f]{32})(?:,(?:[\w-]{43}|[0-9a-f]{32}))*$/;

/** The key that is named; else that which the host of the configuration has made for itself. */
async function keyFrom({ context }: Cli, named: string | undefined, { plan }: RecordPlace): Promise<WantedKey> {
  if (named !== undefined) {
    if (/^[0-9a-f]{32}$/.test(named)) return { fingerprint: named };
    // Several, separated by commas: those that followed each other.
    if (KEYS.test(named)) return { key: named.split(',') };
    throw cliErrors.USAGE({
      details: {
        problem: '--key takes public keys or fingerprints, as "hostler audit verify" prints them, separated by commas.',
      },
    });
  }
  if (plan === undefined || plan.audit?.key !== undefined) return {};
  const { readOwnAuditKey } = await import('@hostler/runtime');
  const secret = await readOwnAuditKey(plan, context.environment);
  return secret === undefined ? {} : { key: [createAuditKey(secret).publicKey] };
}

/** Before the record is read: a host that runs goes on. */
async function anchorsOf({ context }: Cli, { plan }: RecordPlace): Promise<VerifyOptions['anchors']> {
  if (plan === undefined) return undefined;
  const { readAuditAnchors } = await import('@hostler/runtime');
  return readAuditAnchors(plan, context.environment);
}

function isKey(key: string | undefined, fingerprint: string): boolean {
  return key !== undefined && fingerprintOf(key) === fingerprint;
}

interface Judgement {
  readonly isIntact: boolean;
  readonly isOther: boolean;
}

function print(cli: Cli, { problems, chains }: VerifyReport, { isIntact, isOther }: Judgement): void {
  const { output } = cli;
  for (const problem of problems)
    output.print(`${output.paint('red', problem.problem.padEnd(9))} ${describe(cli, problem)}`);
  if (isOther) output.print(`${output.paint('red', 'signature')} the record was signed with another key`);
  for (const { shard, first, last, head, key, signed, leftOut, isBeingWritten, unknown, unknownCount } of chains) {
    output.print(
      `chain ${shard}: records ${first} to ${last}, signed to ${signed}${isBeingWritten ? ', being written' : ''}`,
    );
    output.print(`  head ${last}:${head}`);
    if (key !== undefined) output.print(`  key ${fingerprintOf(key)}`);
    if (leftOut > 0) output.print(`  ${leftOut} records were left out by a sink that failed`);
    if (unknownCount > 0) output.print(`  ${endless(unknownCount)}`);
    for (const { seq, time, consumer = '-', server = '-', name = '' } of unknown) {
      output.print(`    ${printableLine(`${seq} ${time} ${consumer} ${server}/${name}`)}`);
    }
  }
  if (chains.length === 0) return output.print('There is no record here.');
  return output.print(isIntact ? output.paint('green', 'intact') : output.paint('red', 'not intact'));
}

function endless(count: number): string {
  if (count === 1) return '1 call without an end: it is unknown whether it ran';
  return `${count} calls without an end: it is unknown whether they ran`;
}

function describe({ context }: Cli, { file, line, seq, detail }: Finding): string {
  return printableLine(`${relative(context.workingDirectory, file)}:${line} record ${seq}: ${detail}`);
}
