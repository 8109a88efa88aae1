import type { CallContext } from './call.ts';
import type { HttpRequest } from './link.ts';

/** Milliseconds for a server to take a message that asks for no answer. */
const NOTICE_TIMEOUT = 10_000;

/**
 * Sends a message that asks for no answer: a notification, an answer to a question, the end of a session.
 * @throws UPSTREAM_UNAVAILABLE, UPSTREAM_TIMEOUT, UPSTREAM_PROTOCOL when the server did not take it
 */
export function sendNotice(
  { link, clock, failures }: CallContext,
  request: HttpRequest,
  timeout: number = NOTICE_TIMEOUT,
): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const stopTimer = clock.after(timeout, () => {
    reject(failures.timeout(false));
    reader.stop();
  });
  const reader = link.send(request, {
    onHead({ status }) {
      stopTimer();
      if (status >= 200 && status < 300) resolve();
      else reject(failures.refused(status, false));
    },
    // Some servers open a stream here. Nothing on it belongs to anybody.
    onEvent: () => reader.stop(),
    onEnd: () => {},
    onFailure(failure) {
      stopTimer();
      reject(failures.unavailable('It did not take a message.', false, 'cause' in failure ? failure.cause : undefined));
    },
  });
  return promise;
}
