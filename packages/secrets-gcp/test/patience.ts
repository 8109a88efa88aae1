/** Aborts after so many milliseconds of waiting: time in which the machine gave this process no turn does not count. */
export function patience(milliseconds: number): AbortSignal {
  const controller = new AbortController();
  let left = milliseconds / 10;
  const timer = setInterval(() => {
    left -= 1;
    if (left === 0) controller.abort(new DOMException('The operation timed out', 'TimeoutError'));
  }, 10);
  timer.unref();
  return controller.signal;
}
