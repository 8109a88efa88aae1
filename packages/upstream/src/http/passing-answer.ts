import { isHostlerError, Payload } from '@hostler/kernel';
import type { Era, Exchange, Outcome } from '@hostler/kernel';
import type { ConnectContext } from '../connection.ts';
import type { Failures } from './failures.ts';
import { LargeAnswer, TooLargeError } from './large-answer.ts';
import type { PassedResult } from './large-answer.ts';
import type { LargeBody } from './reply-reader.ts';

/** Where a call's large result may be passed on. */
export interface PassingContext {
  readonly id: number;
  readonly era: Era;
  readonly exchange: Pick<Exchange, 'largeResult'>;
  readonly connect: Pick<ConnectContext, 'limits' | 'screen'>;
  readonly failures: Failures;
  /** Whether the request may have acted. */
  readonly acts: boolean;
}

/** The call that the answer is for. */
export interface PassingCall {
  /** Its time stands still until the result is called: the client is what is waited for. */
  hold(): () => void;
  passed(result: PassedResult): void;
  fail(reason: unknown): void;
}

/** Undefined when the answer is to be held. @param resume lets the server go on */
export function passAnswer(
  context: PassingContext,
  call: PassingCall,
  first: Uint8Array,
  resume: () => void,
): LargeBody | undefined {
  const sink = context.exchange.largeResult?.();
  if (sink === undefined) return undefined;
  const { id, era, connect } = context;
  const { limits, screen } = connect;
  let release: (() => void) | undefined;
  const onDrain = (): void => {
    release?.();
    release = undefined;
    resume();
  };
  const answer = new LargeAnswer({ id, era, sink, screen, maxBytes: limits.passedBytes, onDrain });
  const failed = (thrown: unknown): void => {
    release?.();
    call.fail(problemOf(context, thrown));
  };
  try {
    if (!answer.begin(first)) return undefined;
  } catch (thrown) {
    failed(thrown);
    return undefined;
  }
  return {
    push(chunk) {
      try {
        const goesOn = answer.push(chunk);
        if (!goesOn) release ??= call.hold();
        return goesOn;
      } catch (thrown) {
        failed(thrown);
        return true;
      }
    },
    get keepsNothing() {
      return answer.keepsNothing;
    },
    end() {
      try {
        call.passed(answer.end());
      } catch (thrown) {
        failed(thrown);
      }
    },
    broken: (cause) => failed(brokenOff(context, cause)),
  };
}

/** What stands in the place of a result that was passed on. */
export const PASSED_PAYLOAD = Payload.of({});

export function passedOutcome(era: Era, passed: PassedResult): Outcome {
  return { kind: 'result', era, payload: PASSED_PAYLOAD, passed };
}

/** Not the error of a server that cannot be reached: nobody may send the call once more, for its answer has begun. */
function brokenOff({ failures, acts }: PassingContext, cause: Error | undefined): Error {
  return failures.protocol('Its answer broke off.', acts, cause);
}

function problemOf({ failures, acts, connect }: PassingContext, thrown: unknown): unknown {
  if (isHostlerError(thrown)) return thrown;
  if (thrown instanceof TooLargeError) return failures.tooLarge(acts, connect.limits.passedBytes);
  return failures.protocol('Its message is not valid JSON-RPC.', acts, thrown);
}
