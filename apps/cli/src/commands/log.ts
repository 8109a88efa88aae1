import { LOG_MODULES } from '@hostler/config';
import { isJsonObject } from '@hostler/kernel';
import type { JsonObject } from '@hostler/kernel';
import type { Cli } from '../cli.ts';
import { cliErrors } from '../errors.ts';
import { exitCodes } from '../exit-codes.ts';
import { withClient } from '../rest-client.ts';
import type { RestTarget } from '../rest-client.ts';
import { printableLine } from '../text/printable.ts';

const LEVELS = ['debug', 'info', 'warn', 'error'];

interface Levels {
  readonly level: string;
  readonly modules: Readonly<Record<string, string>>;
}

/** `hostler log`: shows and changes what the running host writes into its log. */
export function runLog(cli: Cli, settings: readonly string[], target: RestTarget): Promise<number> {
  const change = changeOf(settings);
  return withClient(cli, target, async (client) => {
    const before = levelsOf(await client.request('GET', '/v1/log'));
    const answer =
      settings.length === 0 ? before : levelsOf(await client.request('PUT', '/v1/log', toBody(change(before))));
    if (cli.output.isJson) cli.output.json(toBody(answer));
    else print(cli, answer);
    return exitCodes.OK;
  });
}

/** @throws CLI_USAGE */
function changeOf(settings: readonly string[]): (before: Levels) => Levels {
  const parsed = settings.map(parseSetting);
  return (before) =>
    parsed.reduce<Levels>(({ level, modules }, { module, level: next }) => {
      if (module === undefined) return { level: next, modules };
      const { [module]: _before, ...others } = modules;
      return { level, modules: next === '' ? others : { ...others, [module]: next } };
    }, before);
}

function parseSetting(text: string): { readonly module: string | undefined; readonly level: string } {
  const [first = '', second] = text.split('=', 2);
  if (second === undefined) {
    if (LEVELS.includes(first)) return { module: undefined, level: first };
    throw usage(`"${first}" is no level: ${LEVELS.join(', ')}`);
  }
  if (!(LOG_MODULES as readonly string[]).includes(first)) {
    throw usage(`"${first}" is no part of the host: ${LOG_MODULES.join(', ')}`);
  }
  if (second !== '' && !LEVELS.includes(second)) throw usage(`"${second}" is no level: ${LEVELS.join(', ')}`);
  return { module: first, level: second };
}

function usage(problem: string): Error {
  return cliErrors.USAGE({ details: { problem } });
}

function levelsOf(answer: JsonObject): Levels {
  const modules = isJsonObject(answer['modules']) ? answer['modules'] : {};
  const texts = Object.entries(modules).flatMap(([name, level]) => (typeof level === 'string' ? [[name, level]] : []));
  return {
    level: typeof answer['level'] === 'string' ? answer['level'] : 'info',
    modules: Object.fromEntries(texts) as Levels['modules'],
  };
}

function toBody({ level, modules }: Levels): JsonObject {
  return { level, modules: { ...modules } };
}

function print({ output }: Cli, { level, modules }: Levels): void {
  output.print(printableLine(level));
  for (const [name, own] of Object.entries(modules)) output.print(printableLine(`${name}=${own}`));
}
