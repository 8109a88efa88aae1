import type { IncomingMessage } from 'node:http';
import { httpErrors } from '../http-errors.ts';
import type { EndpointLimits } from '../limits.ts';
import { isWhole } from './http-messages.ts';
import type { HttpRequest } from './http-messages.ts';
import type { Pulse, Pulsed } from './pulse.ts';

export interface BodyOptions {
  readonly limits: Pick<EndpointLimits, 'messageBytes' | 'bodyTimeout'>;
  readonly pulse: Pulse;
}

/** @throws HTTP_MEDIA_TYPE unless the body is plain JSON in UTF-8 */
export function requireJson({ headers }: HttpRequest): void {
  if (headers['content-encoding'] !== undefined) throw httpErrors.MEDIA_TYPE();
  const type = headers['content-type'];
  if (type === 'application/json') return;
  if (type === undefined || !JSON_TYPE.test(type)) throw httpErrors.MEDIA_TYPE();
}

const JSON_TYPE = /^application\/json[ \t]*(?:;[ \t]*charset[ \t]*=[ \t]*(?:utf-?8|"utf-?8")[ \t]*)?;?[ \t]*$/i;

/**
 * Reads the body once, as it comes.
 * @returns undefined when the client went away before its end; a promise only where it is not there yet
 * @throws HTTP_BODY_TOO_LARGE, HTTP_REQUEST_TIMEOUT
 */
export function readBody(request: HttpRequest, options: BodyOptions): Buffer | undefined | Promise<Buffer | undefined> {
  const { messageBytes } = options.limits;
  if (Number(request.headers['content-length'] ?? 0) > messageBytes) throw tooLarge(messageBytes);
  return isWhole(request) ? request.whole : readArriving(request, options);
}

function tooLarge(limit: number): Error {
  return httpErrors.BODY_TOO_LARGE({ details: { limit } });
}

function readArriving(request: IncomingMessage, { limits, pulse }: BodyOptions): Promise<Buffer | undefined> {
  const { messageBytes, bodyTimeout } = limits;
  const { promise, resolve, reject } = Promise.withResolvers<Buffer | undefined>();
  const deadline = pulse.now() + bodyTimeout;
  let chunks: Buffer[] = [];
  let size = 0;
  let isOver = false;
  const watch: Pulsed = { onPulse: (now) => now >= deadline && stop(httpErrors.REQUEST_TIMEOUT()) };

  function onData(chunk: Buffer): void {
    if (isOver) return;
    size += chunk.length;
    if (size > messageBytes) stop(tooLarge(messageBytes));
    else chunks.push(chunk);
  }
  function finish(body: Buffer | undefined): void {
    isOver = true;
    chunks = [];
    pulse.delete(watch);
    resolve(body);
  }
  function stop(error: Error): void {
    reject(error);
    finish(undefined);
  }
  function onGone(): void {
    if (!isOver) finish(undefined);
  }
  // They stay for the life of the request: taking them off costs more than they do, and a late reset needs a listener.
  request.on('data', onData).on('close', onGone).on('error', onGone);
  request.on('end', () => !isOver && finish(chunks.length === 1 ? chunks[0] : Buffer.concat(chunks)));
  pulse.add(watch);
  return promise;
}

/** The client's connection broke after its request was done with; `close` of the response tells. */
function ignore(): void {}

/**
 * Lets a refused body run out for a moment, so that its sender gets to read the refusal instead of a reset; then the
 * connection ends.
 */
export function discardBody(request: HttpRequest, pulse: Pulse): void {
  if (isWhole(request) || request.complete || request.destroyed) return;
  const until = pulse.now() + LINGER;
  const watch: Pulsed = {
    onPulse(now) {
      if (!request.complete && now < until) return;
      pulse.delete(watch);
      if (!request.complete) request.destroy();
    },
  };
  request.on('error', ignore).resume();
  pulse.add(watch);
}

/** Milliseconds. */
const LINGER = 2_000;
