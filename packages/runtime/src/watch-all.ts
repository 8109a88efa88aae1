import type { FileWatch } from './watch-file.ts';

/** Several files that are watched together. */
export function watchAll(watches: readonly FileWatch[]): FileWatch {
  return {
    start() {
      for (const watch of watches) watch.start();
    },
    stop() {
      for (const watch of watches) watch.stop();
    },
  };
}
