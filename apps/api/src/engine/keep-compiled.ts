import process from 'node:process';

/** Somebody has set this up for this process. */
const CHOSEN = /(?:^|\s)--(?:no-?)?memory-reducer/;

/**
 * Has a process that rests keep what was compiled for speed. Some seconds after the last call the engine collects twice, to give
 * memory back, and lets go of the shapes of all objects that are not there just then: those of calls. Code that was compiled
 * for them goes with them, and the next calls run as the first ones after a start did: a third more CPU for the calls of the
 * next second. It collects as before with this, but keeps these shapes; of the memory of its pages it gives less back (20 MiB).
 * @param settings what the engine was started with
 */
export function keepCompiled(settings: readonly string[]): void {
  if (settings.some((setting) => CHOSEN.test(setting))) return;
  process.getBuiltinModule('node:v8').setFlagsFromString('--no-memory-reducer-favors-memory');
}
