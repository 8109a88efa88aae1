import { isAbsolute, resolve } from 'node:path';
import type { ServerChangesSpec } from '@hostler/config';
import { isJsonObject } from '@hostler/kernel';
import type { Json, JsonObject } from '@hostler/kernel';

export interface Refusal {
  readonly pointer: string;
  readonly message: string;
  readonly hint?: string;
  readonly [key: string]: Json | undefined;
}

/**
 * What of a server the operator has not allowed to whoever may change servers over the network. `folder` is where relative
 * paths start. The settings need not be valid: what is of the wrong type is somebody else's to refuse.
 */
export function refusalsOf(settings: JsonObject, allowed: ServerChangesSpec, folder: string): readonly Refusal[] {
  const { command, url } = settings;
  return [
    ...(typeof command === 'string' ? refuseCommand(command, settings, { allowed, folder }) : []),
    ...(typeof url === 'string' ? refuseUrl(url, allowed) : []),
    ...ONLY_IN_FILE.filter((key) => settings[key] !== undefined).map((key) => ({
      pointer: `/${key}`,
      message: 'may be set in the configuration file only: it leads around what is allowed',
    })),
    ...refuseSecrets(settings, '', allowed),
  ];
}

/**
 * A proxy sees everything, a socket is another host than the one in the URL, and the variables of `allowEnv` run other
 * code than the allowed program.
 */
const ONLY_IN_FILE = ['proxy', 'socket', 'allowEnv'] as const;

function refuseCommand(
  command: string,
  { env }: JsonObject,
  { allowed, folder }: { readonly allowed: ServerChangesSpec; readonly folder: string },
): Refusal[] {
  const isPath = command.includes('/') || command.includes('\\');
  const program = isPath && !isAbsolute(command) ? resolve(folder, command) : command;
  if (!allowed.commands.includes(program)) {
    return [
      {
        pointer: '/command',
        message: 'this program is not allowed',
        hint: 'api.servers.commands names those that are',
      },
    ];
  }
  return isJsonObject(env) ? Object.keys(env).flatMap((name) => refuseVariable(name, allowed)) : [];
}

/**
 * Variables steer programs in ways that no list of bad ones covers. Along the search path names are looked up, that of the
 * program or of the interpreter that a script names (`#!/usr/bin/env node`), so it is never for the caller to set.
 */
function refuseVariable(name: string, { env }: ServerChangesSpec): Refusal[] {
  const pointer = `/env/${name.replaceAll('~', '~0').replaceAll('/', '~1')}`;
  if (/^(?:path|pathext)$/i.test(name)) {
    return [{ pointer, message: 'may be set in the configuration file only: it leads around what is allowed' }];
  }
  const isAllowed = env.some((pattern) =>
    pattern.endsWith('*') ? name.startsWith(pattern.slice(0, -1)) : name === pattern,
  );
  if (isAllowed) return [];
  return [{ pointer, message: 'this variable is not allowed', hint: 'api.servers.env names those that are' }];
}

function refuseUrl(text: string, { hosts }: ServerChangesSpec): Refusal[] {
  if (URL.canParse(text) && hosts.some((allowed) => matchesHost(allowed.toLowerCase(), new URL(text)))) return [];
  return [{ pointer: '/url', message: 'this host is not allowed', hint: 'api.servers.hosts names those that are' }];
}

/** `*.example.com` is every name below example.com, and not example.com; a port counts only where one is written. */
function matchesHost(allowed: string, { hostname, port, protocol }: URL): boolean {
  const [, name = '', wantedPort] = /^(\[[^\]]*\]|[^:]*)(?::(\d+))?$/.exec(allowed) ?? [];
  const actualPort = port === '' ? DEFAULT_PORTS[protocol] : port;
  if (wantedPort !== undefined && wantedPort !== actualPort) return false;
  return name.startsWith('*.')
    ? hostname.endsWith(name.slice(1)) && hostname.length > name.length - 1
    : hostname === name;
}

const DEFAULT_PORTS: Readonly<Record<string, string>> = { 'http:': '80', 'https:': '443', 'ws:': '80', 'wss:': '443' };

function refuseSecrets(value: Json | undefined, pointer: string, allowed: ServerChangesSpec): Refusal[] {
  if (!isJsonObject(value)) return [];
  const { secret } = value;
  // Settings have no key of this name: it is a reference.
  if (pointer !== '' && typeof secret === 'string') {
    if (allowed.secrets.some((pattern) => matchesSecret(pattern, secret))) return [];
    return [
      {
        pointer: `${pointer}/secret`,
        message: 'this secret is not allowed',
        hint: 'api.servers.secrets names those that are',
      },
    ];
  }
  return Object.entries(value).flatMap(([key, inner]) =>
    refuseSecrets(inner, `${pointer}/${key.replaceAll('~', '~0').replaceAll('/', '~1')}`, allowed),
  );
}

function matchesSecret(pattern: string, reference: string): boolean {
  if (!pattern.endsWith('*')) return pattern === reference;
  return reference.startsWith(pattern.slice(0, -1)) && !climbs(reference);
}

/** A path that climbs out again would begin alike; providers that put it into a URL decode it, too. */
function climbs(reference: string): boolean {
  const path = reference.replaceAll(/%2e/gi, '.').replaceAll(/%2f|%5c/gi, '/');
  return /(?:^|[/\\])\.\.(?:[/\\?#]|$)/.test(path);
}
