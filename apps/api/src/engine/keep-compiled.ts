import process from 'node:process';

/** Somebody has set this up for this process. */
const CHOSEN = /(?:^|\s)--(?:no-?)?memory-reducer/;
/** Collections of young objects after which there is something to lose: those of some ten thousand calls. */
const WORKED = 40;

/**
 * Has a process that has worked, and rests, keep what was compiled for speed. Some seconds after the last call the engine
 * collects twice, to give memory back, and lets go of the shapes of all objects that are not there just then: those of calls.
 * Code that was compiled for them goes with them, and the next calls run as the first ones after a start did: with one call at a
 * time, at twice the CPU. It collects as before with this, but keeps these shapes; of the memory of its pages it gives less back
 * (20 MiB). A process that has not worked yet has little to lose, and gives its memory back as before.
 * @param settings what the engine was started with
 */
export function keepCompiled(settings: readonly string[]): void {
  if (settings.some((setting) => CHOSEN.test(setting))) return;
  const { setFlagsFromString } = process.getBuiltinModule('node:v8');
  const { PerformanceObserver } = process.getBuiltinModule('node:perf_hooks');
  let collections = 0;
  const observer = new PerformanceObserver((list) => {
    collections += list.getEntries().length;
    if (collections < WORKED) return;
    observer.disconnect();
    setFlagsFromString('--no-memory-reducer-favors-memory');
  });
  observer.observe({ entryTypes: ['gc'] });
}
