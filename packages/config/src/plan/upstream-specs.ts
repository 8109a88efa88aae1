import { isAbsolute, resolve, sep } from 'node:path';
import type { HttpSpec, Setting, StdioSpec, UpstreamSpec } from '@hostler/kernel';
import { toMilliseconds } from '../duration.ts';
import type { CheckedConfig, CheckedServer } from '../schema/config-file.ts';

/** What the host runs: every enabled server that says how to reach it. `folder` is where relative paths start. */
export function toUpstreamSpecs({ servers }: CheckedConfig, folder: string): UpstreamSpec[] {
  return Object.entries(servers).flatMap(([name, server]) => {
    const transport = server.disabled ? undefined : toTransport(server, folder);
    return transport === undefined ? [] : [toSpec(name, server, transport)];
  });
}

function toSpec(name: string, server: CheckedServer, transport: StdioSpec | HttpSpec): UpstreamSpec {
  return {
    name,
    transport,
    era: server.era,
    interactive: server.interactive,
    required: server.required,
    startTimeout: toMilliseconds(server.startTimeout),
    callTimeout: toMilliseconds(server.timeout),
  };
}

function toTransport(server: CheckedServer, folder: string): StdioSpec | HttpSpec | undefined {
  if (server.command !== undefined) {
    return {
      kind: 'stdio',
      command: resolveCommand(server.command, folder),
      args: server.args ?? [],
      env: toSettings(server.env),
      cwd: resolve(folder, server.cwd ?? '.'),
    };
  }
  if (server.url === undefined) return undefined;
  return { kind: 'http', url: server.url, headers: toSettings(server.headers) };
}

/** A bare name is looked up in PATH by whoever starts it; anything with a separator is a path of ours. */
function resolveCommand(command: string, folder: string): string {
  return isPath(command) && !isAbsolute(command) ? resolve(folder, command) : command;
}

function isPath(command: string): boolean {
  return command.includes('/') || command.includes(sep);
}

/** Leaves out what equals the default, so that the same setting written in two ways is the same plan. */
function toSettings(settings: CheckedServer['env'] = {}): Record<string, Setting> {
  const entries = Object.entries(settings).map(([name, value]): [string, Setting] => {
    if (typeof value === 'string') return [name, value];
    const { secret, format, optional } = value;
    return [name, { secret, ...(format !== '{}' && { format }), ...(optional && { optional }) }];
  });
  return Object.fromEntries(entries);
}
