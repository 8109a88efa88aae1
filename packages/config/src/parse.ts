import { foreignOf } from './foreign/translate.ts';
import { checkSource, openSource, toLoadedConfig } from './source.ts';
import type { ConfigContext, LoadedConfig } from './source.ts';

/** Turns the text of a configuration into a plan. `file` is absolute. @throws CONFIG_INVALID with every problem. */
export function parseConfig(text: string, file: string, context: ConfigContext = {}): LoadedConfig {
  const source = openSource(text, file);
  return toLoadedConfig(source, checkSource(source, context, foreignOf(source, context.environment)));
}
