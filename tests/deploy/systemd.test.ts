import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { findProgram, repository, run } from './support/program.ts';
import { readConfig, secretReferences } from './support/read-config.ts';

const folder = join(repository, 'deploy/systemd');
const unit = await readFile(join(folder, 'hostler.service'), 'utf8');
const config = await readFile(join(folder, 'hostler.yaml'), 'utf8');
const analyze = findProgram('systemd-analyze');
if (analyze === undefined) console.log('deploy: skipped: the unit by systemd itself: there is no systemd-analyze');

/** Every value of a directive, in their order. */
function valuesOf(directive: string): string[] {
  return unit
    .split('\n')
    .flatMap((line) => (line.startsWith(`${directive}=`) ? [line.slice(directive.length + 1)] : []));
}

describe('the unit of systemd', () => {
  it.each([
    ['NoNewPrivileges', 'yes'],
    ['DynamicUser', 'yes'],
    ['ProtectSystem', 'strict'],
    ['ProtectHome', 'yes'],
    ['PrivateTmp', 'yes'],
    ['PrivateDevices', 'yes'],
    ['CapabilityBoundingSet', ''],
    ['RestrictNamespaces', 'yes'],
    ['SystemCallArchitectures', 'native'],
    ['UMask', '0077'],
    ['StateDirectoryMode', '0700'],
    ['OOMPolicy', 'continue'],
    ['KillMode', 'mixed'],
    ['RestartPreventExitStatus', '2'],
    ['MemoryMax', '1G'],
    ['TasksMax', '512'],
  ])('%s=%s', (directive, value) => {
    expect(valuesOf(directive)).toEqual([value]);
  });

  it('leaves V8 the memory that it compiles into, and filters system calls', () => {
    expect(valuesOf('MemoryDenyWriteExecute')).toEqual([]);
    expect(valuesOf('SystemCallFilter')).toEqual(['@system-service', '~@privileged']);
  });

  it('keeps the metadata of clouds out of reach', () => {
    const denied = valuesOf('IPAddressDeny').join(' ').split(' ');
    expect(denied).toEqual(expect.arrayContaining(['169.254.0.0/16', 'fd00:ec2::254/128', 'fd20:ce::254/128']));
    expect(valuesOf('IPAddressAllow')).toEqual([]);
  });

  it('checks the configuration before it starts, and reads it again on reload', () => {
    expect(valuesOf('ExecStartPre')[0]).toMatch(/hostler validate \/etc\/hostler\/hostler\.yaml$/);
    expect(valuesOf('ExecReload')).toEqual(['/bin/kill -HUP $MAINPID']);
  });

  it('gives the configuration every secret that it names, the folders that it writes to, and the time that it needs', async () => {
    const names = valuesOf('LoadCredential').map((value) => value.split(':')[0]);
    expect(secretReferences(config)).toEqual(names.map((name) => `file:///run/credentials/hostler.service/${name}`));
    const { plan, problems } = await readConfig(config);
    expect(problems).toBeUndefined();
    expect(plan?.consumers?.length).toBeGreaterThan(0);
    expect(Number(valuesOf('TimeoutStopSec')[0]) * 1000).toBeGreaterThanOrEqual((plan?.shutdownGrace ?? 0) + 10_000);
    expect(config).toMatch(/directory: \/var\/lib\/hostler\/audit/);
    expect(valuesOf('StateDirectory')).toEqual(['hostler']);
  });
});

describe.skipIf(analyze === undefined)('systemd', () => {
  const place: { folder: string } = { folder: '' };
  beforeAll(async () => {
    place.folder = await mkdtemp(join(tmpdir(), 'hostler-unit-'));
  });
  afterAll(() => rm(place.folder, { recursive: true, force: true }));

  async function write(text: string): Promise<string> {
    const file = join(place.folder, 'hostler.service');
    // The program is not installed here.
    await writeFile(file, text.replaceAll('/opt/hostler/bin/hostler', '/bin/true'));
    return file;
  }

  it('takes the unit without a word', async () => {
    const { code, stdout, stderr } = await run(analyze ?? '', ['verify', '--man=no', await write(unit)]);
    expect({ code, said: `${stdout}${stderr}` }).toEqual({ code: 0, said: '' });
  });

  it('sees a directive that does not exist', async () => {
    const file = await write(unit.replace('NoNewPrivileges', 'NoNewPrivilege'));
    const { stdout, stderr } = await run(analyze ?? '', ['verify', '--man=no', file]);
    expect(`${stdout}${stderr}`).toMatch(/Unknown key.*'NoNewPrivilege'/);
  });

  it('finds little that could be taken from it', async () => {
    const judge = async (text: string) =>
      await run(analyze ?? '', ['security', '--offline=true', '--no-pager', '--threshold=20', await write(text)]);
    const { code, stdout } = await judge(unit);
    console.log(`deploy: systemd: ${/Overall exposure level.*/.exec(stdout)?.[0] ?? stdout}`);
    expect(code).toBe(0);
    const open = await judge(unit.replace(/^(Protect|Private|Restrict|SystemCall|Capability).*$/gm, ''));
    expect(open.code).not.toBe(0);
  });
});
