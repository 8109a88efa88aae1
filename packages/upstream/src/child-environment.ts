import { isHostlerError } from '@hostler/kernel';
import type { Setting, StdioSpec } from '@hostler/kernel';
import type { ConnectContext } from './connection.ts';
import { upstreamErrors } from './errors.ts';

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

/**
 * The whole environment of a child process, its secrets as text. An optional secret that does not exist leaves its
 * variable out.
 * @throws SECRET_* when a secret cannot be had, UPSTREAM_UNAVAILABLE when a value cannot be handed over
 */
export async function childEnvironment(options: ChildEnvironmentOptions): Promise<Record<string, string>> {
  const { baseEnvironment, transport } = options;
  const inherited = INHERITED.map((name) => [name, baseEnvironment[name]] as const);
  const own = await Promise.all(
    Object.entries(transport.env).map(async ([name, setting]) => [name, await valueOf(setting, options)] as const),
  );
  const entries = [...inherited, ...own].filter((entry): entry is readonly [string, string] => entry[1] !== undefined);
  for (const [name, value] of entries) checkEntry(options.server, name, value);
  return Object.fromEntries(entries);
}

async function valueOf(setting: Setting, options: ChildEnvironmentOptions): Promise<string | undefined> {
  if (typeof setting === 'string') return setting;
  try {
    const secret = await options.secrets.resolve(setting.secret, options.signal);
    // A function, since `$&` and the like inside a secret mean nothing here.
    return (setting.format ?? '{}').replace('{}', () => secret.reveal());
  } catch (thrown) {
    if (setting.optional === true && isHostlerError(thrown) && thrown.code === 'SECRET_NOT_FOUND') return undefined;
    throw thrown;
  }
}

/** NUL would end the text early and `=` would end the name: the child would see something else than was configured. */
function checkEntry(server: string, name: string, value: string): void {
  const shown = JSON.stringify(name);
  if (name === '' || /[=\0]/.test(name)) throw refused(server, `The environment variable ${shown} has no valid name.`);
  if (value.includes('\0')) throw refused(server, `The value of the environment variable ${shown} holds a NUL.`);
}

function refused(server: string, problem: string): Error {
  return upstreamErrors.UNAVAILABLE({ details: { server, problem, mayHaveRun: false } });
}
