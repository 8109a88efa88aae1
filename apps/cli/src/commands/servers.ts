import { text } from 'node:stream/consumers';
import { isJsonObject } from '@hostler/kernel';
import type { Json, JsonObject } from '@hostler/kernel';
import type { Cli } from '../cli.ts';
import { exitCodes } from '../exit-codes.ts';
import { textOf } from '../lists.ts';
import { withClient } from '../rest-client.ts';
import type { RestTarget } from '../rest-client.ts';
import { printable, printableLine } from '../text/printable.ts';
import { renderTable } from '../text/table.ts';
import { settingsFrom } from './server-settings.ts';
import type { SettingsFlags } from './server-settings.ts';

/** `hostler servers`: all servers of a running host. */
export function runServersList(cli: Cli, target: RestTarget): Promise<number> {
  return withClient(cli, target, async (client) => {
    const answer = await client.request('GET', '/v1/servers');
    if (cli.output.isJson) cli.output.json(answer);
    else printServers(cli, entriesOf(answer, 'servers'), driftLines(answer['drift']));
    return exitCodes.OK;
  });
}

export function runServersShow(cli: Cli, name: string, target: RestTarget): Promise<number> {
  return withClient(cli, target, async (client) => print(cli, await client.request('GET', pathOf(name))));
}

export type ServerAction = 'restart' | 'enable' | 'disable';

export function runServersAction(cli: Cli, name: string, action: ServerAction, target: RestTarget): Promise<number> {
  return withClient(cli, target, async (client) =>
    printState(cli, await client.request('POST', `${pathOf(name)}/${action}`)),
  );
}

export interface WriteOptions {
  readonly name: string;
  /** A program with its arguments, or an address. */
  readonly target: readonly string[];
  readonly flags: SettingsFlags & RestTarget;
}

export async function runServersAdd(cli: Cli, { name, target, flags }: WriteOptions): Promise<number> {
  const settings = settingsFrom(target, flags, await standardInput(cli, flags));
  return withClient(cli, flags, async (client) =>
    printState(cli, await client.request('POST', '/v1/servers', { ...settings, name })),
  );
}

export async function runServersUpdate(cli: Cli, { name, target, flags }: WriteOptions): Promise<number> {
  const settings = settingsFrom(target, flags, await standardInput(cli, flags));
  return withClient(cli, flags, async (client) => printState(cli, await client.request('PUT', pathOf(name), settings)));
}

/** Starts a server in the host, apart from the others, and lists its tools. @returns 3 when it does not come up */
export async function runServersTest(cli: Cli, { target, flags }: Omit<WriteOptions, 'name'>): Promise<number> {
  const settings = settingsFrom(target, flags, await standardInput(cli, flags));
  return withClient(cli, flags, async (client) => {
    const answer = await client.request('POST', '/v1/servers/test', settings);
    const { output } = cli;
    if (output.isJson) output.json(answer);
    else if (answer['ok'] === true) {
      const tools = entriesOf(answer, 'tools').map((tool) => printableLine(textOf(tool, 'name')));
      output.print(
        `up after ${JSON.stringify(answer['startedIn'])} ms, ${textOf(answer, 'era')}, tools: ${tools.join(', ') || 'none'}`,
      );
    } else output.print(`not up: ${printableLine(textOf(answer, 'problem'))}`);
    return answer['ok'] === true ? exitCodes.OK : exitCodes.SERVER_DOWN;
  });
}

export function runServersRemove(cli: Cli, name: string, target: RestTarget): Promise<number> {
  return withClient(cli, target, async (client) => {
    await client.request('DELETE', pathOf(name));
    if (cli.output.isJson) cli.output.json({ removed: name });
    else cli.output.print(`${name} is removed`);
    return exitCodes.OK;
  });
}

export function runServersDrift(cli: Cli, target: RestTarget): Promise<number> {
  return withClient(cli, target, async (client) => {
    const { drift = {} } = await client.request('GET', '/v1/servers');
    if (cli.output.isJson) cli.output.json(drift);
    else for (const line of driftLines(drift)) cli.output.print(line);
    if (driftLines(drift).length === 0) cli.output.note('The servers are as the file has them.');
    return exitCodes.OK;
  });
}

export function runServersSave(cli: Cli, target: RestTarget): Promise<number> {
  return withClient(cli, target, async (client) => {
    const answer = await client.request('POST', '/v1/servers/save');
    if (cli.output.isJson) cli.output.json(answer);
    else if (answer['file'] === undefined) cli.output.print('There was nothing to save.');
    else {
      for (const line of driftLines(answer['saved'])) cli.output.print(line);
      cli.output.print(
        `saved to ${printableLine(textOf(answer, 'file'))}, before: ${printableLine(textOf(answer, 'backup'))}`,
      );
    }
    return exitCodes.OK;
  });
}

async function standardInput({ context }: Cli, { settings }: SettingsFlags): Promise<string> {
  return settings === '-' ? text(context.stdin) : '';
}

function pathOf(name: string): string {
  return `/v1/servers/${encodeURIComponent(name)}`;
}

function entriesOf(answer: JsonObject, key: string): readonly JsonObject[] {
  const entries = answer[key];
  return Array.isArray(entries) ? (entries as readonly Json[]).filter(isJsonObject) : [];
}

function stateOf({ disabled, state }: JsonObject): { readonly status: string; readonly problem: string } {
  if (disabled === true) return { status: 'disabled', problem: '' };
  const known = isJsonObject(state) ? state : {};
  return { status: printableLine(textOf(known, 'status')), problem: printableLine(textOf(known, 'problem')) };
}

function printServers({ output }: Cli, servers: readonly JsonObject[], drift: readonly string[]): void {
  if (servers.length === 0) output.note('No servers.');
  else {
    const rows = servers.map((server) => {
      const { status, problem } = stateOf(server);
      return [printableLine(textOf(server, 'name')), status, printableLine(textOf(server, 'origin')), problem];
    });
    const columns = [{ title: 'NAME' }, { title: 'STATUS' }, { title: 'FROM' }, { title: 'PROBLEM', shrinks: true }];
    for (const line of renderTable({ columns, rows, width: output.width })) output.print(line);
  }
  if (drift.length > 0) output.note(`Not in the file: ${drift.join('; ')}. Write it there: hostler servers save`);
}

/** @returns 3 when it is not up */
function printState({ output }: Cli, server: JsonObject): number {
  const { status, problem } = stateOf(server);
  if (output.isJson) output.json(server);
  else output.print(`${printableLine(textOf(server, 'name'))} is ${status}${problem === '' ? '' : `: ${problem}`}`);
  return status === 'up' || status === 'disabled' ? exitCodes.OK : exitCodes.SERVER_DOWN;
}

function print({ output }: Cli, server: JsonObject): number {
  if (output.isJson) output.json(server);
  else output.print(printable(JSON.stringify(server, undefined, 2)));
  return exitCodes.OK;
}

function driftLines(drift: Json | undefined): string[] {
  if (!isJsonObject(drift)) return [];
  return Object.entries(drift).flatMap(([kind, names]) =>
    Array.isArray(names) && names.length > 0
      ? [`${kind}: ${names.map((name) => printableLine(String(name))).join(', ')}`]
      : [],
  );
}
