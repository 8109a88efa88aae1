import { isJsonObject } from '@hostler/kernel';
import type { JsonObject } from '@hostler/kernel';
import type { ProblemList } from '../problem.ts';
import type { CheckedConfig } from '../schema/config-file.ts';

/** Variables with which whoever sets them runs code of their own in the child before its program starts. */
const CODE_LOADING =
  /^(?:LD_.*|DYLD_.*|NODE_OPTIONS|PYTHONSTARTUP|PYTHONHOME|PYTHONBREAKPOINT|BASH_ENV|SHELLOPTS|BASHOPTS|PS4|PROMPT_COMMAND|IFS|PERL5OPT|PERL5DB|RUBYOPT|JAVA_TOOL_OPTIONS|JDK_JAVA_OPTIONS|_JAVA_OPTIONS|GLIBC_TUNABLES|GCONV_PATH|COR_PROFILER|CORECLR_PROFILER|DOTNET_STARTUP_HOOKS)$/i;

/** Variables that every program has and shows: their value is masked everywhere when it is a secret. */
const ORDINARY = /^(?:PATH|HOME|PWD|SHELL|USER|USERNAME|LOGNAME|TMPDIR|TEMP|TMP|TERM|TZ|LANG|LC_[A-Z]+)$/;

/**
 * Names that are refused unless the server itself allows them. `written` is the whole configuration: a server with another
 * problem is looked at too.
 */
export function checkVariableNames(written: unknown, problems: ProblemList): void {
  const servers = mapAt(written, 'servers');
  for (const server of Object.keys(servers)) {
    const settings = mapAt(servers, server);
    const { allowEnv } = settings;
    const allowed: readonly unknown[] = Array.isArray(allowEnv) ? allowEnv : [];
    for (const name of Object.keys(mapAt(settings, 'env'))) {
      if (!CODE_LOADING.test(name) || allowed.includes(name)) continue;
      problems.add(
        ['servers', server, 'env', name],
        'this variable is refused: it makes the program load foreign code before it starts',
        { hint: `if that is meant, add ${name} to allowEnv of this server`, part: 'key' },
      );
    }
  }
}

function mapAt(map: unknown, key: string): JsonObject {
  const value = isJsonObject(map) && Object.hasOwn(map, key) ? map[key] : undefined;
  return isJsonObject(value) ? value : {};
}

/** What a person should look at, although the program starts. */
export function noteVariableNames({ servers }: CheckedConfig, notes: ProblemList): void {
  for (const [server, { env = {}, allowEnv = [] }] of Object.entries(servers)) {
    const path = ['servers', server];
    const seen = new Set<string>();
    for (const [name, value] of Object.entries(env)) {
      const folded = name.toUpperCase();
      if (seen.has(folded)) {
        notes.add([...path, 'env', name], 'differs from another variable only in case: on Windows they are one', {
          part: 'key',
        });
      }
      seen.add(folded);
      if (!ORDINARY.test(name) || typeof value === 'string') continue;
      notes.add([...path, 'env', name], 'as a secret it is masked in everything that the server says', {
        hint: 'write its value, unless it is one',
        part: 'key',
      });
    }
    for (const [index, name] of allowEnv.entries()) {
      if (CODE_LOADING.test(name)) continue;
      notes.add([...path, 'allowEnv', index], 'is not refused anyway', { hint: 'leave it out' });
    }
  }
}
