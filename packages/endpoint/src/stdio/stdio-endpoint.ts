import type { Readable, Writable } from 'node:stream';
import type { Clock, Consumer, Logger, Scope } from '@hostler/kernel';
import type { Host } from '@hostler/host';
import { createLineReader } from '@hostler/protocol';
import { errorAnswer } from '../core/answers.ts';
import { deliverEvent } from '../core/deliver-event.ts';
import type { Caller, EndpointParts, Redact } from '../core/endpoint-parts.ts';
import { RequestStates } from '../core/request-states.ts';
import { ServerInfos } from '../core/server-infos.ts';
import { clientErrors } from '../client-errors.ts';
import { httpErrors } from '../http-errors.ts';
import { defaultEndpointLimits } from '../limits.ts';
import type { EndpointLimits } from '../limits.ts';
import { LineWriter } from './line-writer.ts';
import { Conversation } from '../core/conversation.ts';

export interface StdioEndpointOptions {
  /** Not owned: whoever made it closes it, after the endpoint. */
  readonly host: Host;
  readonly scope: Scope;
  readonly consumer: Consumer;
  readonly input: Readable;
  /** Carries messages of the protocol and nothing else: nobody else may write to it. */
  readonly output: Writable;
  readonly log: Logger;
  readonly clock: Clock;
  /** Masks secrets in the errors that clients get, as bytes; absent: nothing is masked. */
  readonly redact?: Redact;
  /** How the host calls itself when it cannot be asked; default `hostler`. */
  readonly serverName?: string;
  /** Milliseconds that running calls have when the client ends its input: it may still read. Default 25 s. */
  readonly grace?: number;
  /** Overrides of `defaultEndpointLimits`. */
  readonly limits?: Partial<EndpointLimits>;
}

export interface StdioEndpoint {
  /** Resolves when the client has ended its input and got its answers, or `close` was called, and nothing is left. */
  readonly done: Promise<void>;
  /** Refuses new requests, lets those under way finish for up to `grace` milliseconds, then ends. */
  close(grace: number): Promise<void>;
}

/** Serves a host to the one client at the other end of two streams, in both eras. */
export function createStdioEndpoint(options: StdioEndpointOptions): StdioEndpoint {
  const { scope, consumer, input, output, grace: inputEndGrace = 25_000 } = options;
  const parts = createParts(options);
  const { host, log, limits } = parts;
  const caller: Caller = { scope, consumer, entry: 'stdio' };
  const { promise: done, resolve } = Promise.withResolvers<void>();
  const writer = new LineWriter({
    output,
    maxWaiting: limits.pipeBytes,
    onStuck() {
      log.warn({}, 'the client on stdio does not read its answers');
      void end();
    },
  });
  const conversation = new Conversation(parts, caller, writer);
  const reader = createLineReader({
    maxLineBytes: limits.messageBytes,
    onLine: (line) => conversation.receive(line),
    onOverflow() {
      const error = httpErrors.BODY_TOO_LARGE({ details: { limit: limits.messageBytes } });
      writer.send(Buffer.concat(errorAnswer(parts, error, { id: undefined }).message));
    },
  });
  const unsubscribe = host.onEvent((event) => deliverEvent(host, conversation.sessions(), event));
  const resume = (): unknown => input.resume();
  const onData = (chunk: Buffer | string): void => {
    reader.push(typeof chunk === 'string' ? Buffer.from(chunk) : chunk);
    if (output.writableLength <= limits.streamBytes) return;
    input.pause();
    output.once('drain', resume);
  };
  const onEnd = (): void => void end();
  /** Nothing more comes, but what was asked before is still answered: whoever pipes requests in is a client too. */
  const onInputEnd = (): void => {
    conversation.stopAsking(clientErrors.GONE());
    void conversation.finish(inputEndGrace).then(end);
  };
  let ending: Promise<void> | undefined;

  function end(): Promise<void> {
    ending ??= (async () => {
      input.off('data', onData).off('end', onInputEnd).off('close', onInputEnd);
      output.off('drain', resume).off('close', onEnd);
      unsubscribe();
      parts.states.close(clientErrors.GONE());
      await conversation.end(clientErrors.GONE());
      writer.end();
      resolve();
    })();
    return ending;
  }

  input.on('data', onData).once('end', onInputEnd).once('close', onInputEnd).on('error', onInputEnd);
  output.on('error', onEnd).on('close', onEnd);
  return {
    done,
    async close(grace) {
      // Nobody waits for these.
      parts.states.close(httpErrors.SHUTTING_DOWN());
      await conversation.finish(grace);
      await end();
    },
  };
}

function createParts(options: StdioEndpointOptions): EndpointParts {
  const { host, log, clock, redact = (bytes) => bytes, serverName = 'hostler', limits } = options;
  const bounds = { ...defaultEndpointLimits, ...limits };
  return {
    host,
    log,
    clock,
    limits: bounds,
    states: new RequestStates({ clock, limits: bounds }),
    mark: '',
    serverInfos: new ServerInfos({ host, clock, fallbackName: serverName }),
    redact,
  };
}
