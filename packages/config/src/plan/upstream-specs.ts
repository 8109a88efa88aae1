import { isAbsolute, resolve, sep } from 'node:path';
import type { HttpSpec, StdioSpec, UpstreamSpec, WebSocketSpec } from '@hostler/kernel';
import { toMilliseconds } from '../duration.ts';
import type { CheckedConfig, CheckedServer } from '../schema/config-file.ts';
import { toOfferSpec } from './offer-spec.ts';
import { toRemoteSpec } from './remote-spec.ts';
import { toRootSpecs } from './root-specs.ts';
import { toSettings } from './settings.ts';
import { toChildResources, toSupervisionSpecs } from './supervision-specs.ts';

/** What the host runs: every enabled server that says how to reach it. `folder` is where relative paths start. */
export function toUpstreamSpecs({ servers }: CheckedConfig, folder: string): UpstreamSpec[] {
  return Object.entries(servers).flatMap(([name, server]) => {
    const transport = server.disabled ? undefined : toTransport(server, folder);
    return transport === undefined ? [] : [{ ...toSpec(name, server, transport), ...toFolders(server, folder) }];
  });
}

function toSpec(name: string, server: CheckedServer, transport: Transport): UpstreamSpec {
  const offer = toOfferSpec(server);
  return {
    name,
    transport,
    era: server.era,
    interactive: server.interactive,
    required: server.required,
    startTimeout: toMilliseconds(server.startTimeout),
    callTimeout: toMilliseconds(server.timeout),
    ...toSupervisionSpecs(server),
    ...(offer && { offer }),
  };
}

function toFolders(
  { roots, pathArguments }: CheckedServer,
  folder: string,
): Pick<UpstreamSpec, 'roots' | 'pathArguments'> {
  return {
    ...(roots && { roots: toRootSpecs(roots, folder) }),
    ...(pathArguments && { pathArguments: structuredClone(pathArguments) }),
  };
}

type Transport = StdioSpec | HttpSpec | WebSocketSpec;

function toTransport(server: CheckedServer, folder: string): Transport | undefined {
  if (server.command !== undefined) {
    return {
      kind: 'stdio',
      command: resolveCommand(server.command, folder),
      args: server.args ?? [],
      env: toSettings(server.env),
      cwd: resolve(folder, server.cwd ?? '.'),
      ...(server.resources && { resources: toChildResources(server.resources) }),
    };
  }
  return server.url === undefined ? undefined : toRemoteSpec(server.url, server, folder);
}

/** A bare name is looked up in PATH by whoever starts it; anything with a separator is a path of ours. */
function resolveCommand(command: string, folder: string): string {
  return isPath(command) && !isAbsolute(command) ? resolve(folder, command) : command;
}

function isPath(command: string): boolean {
  return command.includes('/') || command.includes(sep);
}
