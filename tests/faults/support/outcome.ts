import { callModern, openLegacySession } from '@hostler/test-kit';
import type { HttpAnswer, LegacySession, WireMessage } from '@hostler/test-kit';
import type { MachineNoise } from './machine-noise.ts';

export interface ErrorObject {
  readonly code: number;
  readonly message: string;
  readonly data: { readonly code: string; readonly requestId: string; readonly mayHaveRun?: boolean };
}

/** What a client got for one tool call. */
export interface Outcome {
  readonly server: string;
  readonly tool: string;
  /** Text of the first content, when it was answered. */
  readonly text?: string;
  readonly structured?: Readonly<Record<string, unknown>>;
  readonly error?: ErrorObject;
  /** Milliseconds until the end of the answer. */
  readonly elapsed: number;
  /** The same without the time in which not even an idle thread was served: that is the machine's. */
  readonly own: number;
  /** Messages that end a request: results and errors with an id. */
  readonly terminals: number;
  /** What came instead, when that is not exactly one. */
  readonly raw?: string;
}

export interface CallTarget {
  readonly server: string;
  readonly tool: string;
  readonly parameters: Readonly<Record<string, unknown>>;
}

/** What the machine was late by. */
type Noise = Pick<MachineNoise, 'total'>;
const noNoise: Noise = { total: () => 0 };

/** One call through an open session of the legacy era. */
export async function callInSession(session: LegacySession, target: CallTarget, noise = noNoise): Promise<Outcome> {
  const taken = watch(noise);
  const answer = await session.call('tools/call', { name: target.tool, arguments: target.parameters });
  return toOutcome(answer, target, taken());
}

/** The same as a single request of the modern era. */
export async function callStateless(url: string, target: CallTarget, noise = noNoise): Promise<Outcome> {
  const taken = watch(noise);
  const params = { name: target.tool, arguments: target.parameters };
  return toOutcome(await callModern(url, 'tools/call', params, patient), target, taken());
}

function watch(noise: Noise): () => Pick<Outcome, 'elapsed' | 'own'> {
  const [begun, before] = [performance.now(), noise.total()];
  return () => {
    const elapsed = performance.now() - begun;
    return { elapsed, own: elapsed - (noise.total() - before) };
  };
}

export const openPatientSession = (url: string): Promise<LegacySession> => openLegacySession(url, patient);

/** Longer than any fault may last: a client that gives up first would hide what the host does. */
const patient = { timeout: 45_000 };

function toOutcome(
  { messages, status, text: body }: HttpAnswer,
  { server, tool }: CallTarget,
  taken: Pick<Outcome, 'elapsed' | 'own'>,
): Outcome {
  const terminals = messages.filter(isTerminal);
  const last = terminals.at(-1);
  const result = last?.result as { content?: { text?: string }[]; structuredContent?: object } | undefined;
  const text = result?.content?.[0]?.text;
  return {
    server,
    tool,
    ...taken,
    terminals: terminals.length,
    ...(terminals.length !== 1 && { raw: `${status} ${body.slice(0, 500)}` }),
    ...(text !== undefined && { text }),
    ...(result?.structuredContent && { structured: result.structuredContent as Readonly<Record<string, unknown>> }),
    ...(last?.error && { error: last.error as unknown as ErrorObject }),
  };
}

function isTerminal({ id, result, error }: WireMessage): boolean {
  return id !== undefined && (result !== undefined || error !== undefined);
}
