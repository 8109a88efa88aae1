import type { SecretUse, Setting, StdioSpec } from '@hostler/kernel';
import type { ConnectContext } from './connection.ts';
import { upstreamErrors } from './errors.ts';
import { settingText } from './outbound-headers.ts';
import type { SettingSource } from './outbound-headers.ts';
import type { MissingSecret } from './pool.ts';

/** All that a child gets of the host's own environment: what programs need to run at all, and nothing that is secret. */
const INHERITED = ['PATH', 'HOME', 'LANG', 'TZ', 'TMPDIR'] as const;

export interface ChildEnvironmentOptions {
  readonly server: string;
  readonly transport: StdioSpec;
  /** The host's own environment, as far as `INHERITED` names it. */
  readonly baseEnvironment: Readonly<Record<string, string | undefined>>;
  readonly secrets: ConnectContext['secrets'];
  readonly signal: AbortSignal;
}

/** A value that a child reads from a file: its variable holds the path. */
export interface ValueInFile {
  readonly variable: string;
  readonly as: 'file' | 'fd';
  readonly text: string;
}

/** What a child process is given, its secrets as text. */
export interface ChildEnvironment {
  readonly variables: Readonly<Record<string, string>>;
  readonly files: readonly ValueInFile[];
  /** The optional secrets that could not be had: their variables are left out. */
  readonly missing: readonly MissingSecret[];
}

/** @throws SECRET_* when a secret cannot be had, UPSTREAM_UNAVAILABLE when a value cannot be handed over */
export async function childEnvironment(options: ChildEnvironmentOptions): Promise<ChildEnvironment> {
  const { baseEnvironment, secrets, server, signal, transport } = options;
  const missing: MissingSecret[] = [];
  const source: SettingSource = { secrets, signal, onMissing: (one) => missing.push(one) };
  const settings = Object.entries(transport.env);
  const texts = await Promise.all(settings.map(([name, setting]) => settingText(setting, `env.${name}`, source)));
  const variables = new Map<string, string>();
  const files: ValueInFile[] = [];
  for (const name of INHERITED) setIfPresent(variables, name, baseEnvironment[name]);
  for (const [index, [name, setting]] of settings.entries()) {
    const text = texts[index];
    if (!isInFile(setting)) setIfPresent(variables, name, text);
    else if (text !== undefined) files.push({ variable: checkedName(server, name), as: setting.as, text });
  }
  for (const [name, value] of variables) checkEntry(server, name, value);
  return { variables: Object.fromEntries(variables), files, missing };
}

function isInFile(setting: Setting): setting is SecretUse & { readonly as: ValueInFile['as'] } {
  return typeof setting !== 'string' && (setting.as === 'file' || setting.as === 'fd');
}

function setIfPresent(variables: Map<string, string>, name: string, value: string | undefined): void {
  if (value !== undefined) variables.set(name, value);
}

/** NUL would end the text early and `=` would end the name: the child would see something else than was configured. */
function checkEntry(server: string, name: string, value: string): void {
  const shown = JSON.stringify(checkedName(server, name));
  if (value.includes('\0')) throw refused(server, `The value of the environment variable ${shown} holds a NUL.`);
}

function checkedName(server: string, name: string): string {
  if (name !== '' && !/[=\0]/.test(name)) return name;
  throw refused(server, `The environment variable ${JSON.stringify(name)} has no valid name.`);
}

function refused(server: string, problem: string): Error {
  return upstreamErrors.UNAVAILABLE({ details: { server, problem, mayHaveRun: false } });
}
