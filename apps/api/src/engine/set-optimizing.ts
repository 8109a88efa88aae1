import process from 'node:process';

/** Settings of the engine that somebody chose for this process are left as they are. */
const CHOSEN = /(?:^|\s)--(?:no-?)?(?:jitless|max-lazy|maglev|opt|turbo)/;

/**
 * Whether the engine compiles hot functions anew for speed. Not during a start: what is hot then (reading modules and the
 * configuration) is over before that pays, and the compilers leave code, data and 5 MiB of their own program in memory. An
 * idle host from 78–90 to 69 MiB, with no more CPU time until it is ready.
 * @param settings what the engine was started with
 */
export function setOptimizing(isOn: boolean, settings: readonly string[]): void {
  if (settings.some((setting) => CHOSEN.test(setting))) return;
  const { setFlagsFromString } = process.getBuiltinModule('node:v8');
  setFlagsFromString(isOn ? '--opt' : '--no-opt');
  setFlagsFromString(isOn ? '--maglev' : '--no-maglev');
}
