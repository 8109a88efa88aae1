import { randomUUID } from 'node:crypto';
import { isHostlerError } from '@hostler/kernel';
import type { Clock, Consumer, JsonObject } from '@hostler/kernel';
import { createCallAudit } from './call-audit.ts';
import type { CallAudit, CallAuditOptions } from './call-audit.ts';
import { describeConsumer } from './describe-consumer.ts';
import { openRecorder } from './open-recorder.ts';
import type { Recorder, RecorderOptions, RecorderState } from './recorder.ts';
import { createTally } from './tally.ts';

/** What of the record is decided before it is written. */
export type RecordingOptions = Omit<CallAuditOptions, 'recorder' | 'tally' | 'clock'> & { readonly clock: Clock };

export interface AuditOptions extends RecorderOptions, Omit<RecordingOptions, 'clock' | 'time'> {}

/** Somebody could not prove to be anybody. */
export interface AccessFacts {
  /** Of the error. */
  readonly code: string;
  /** Of the client, as far as it is known. */
  readonly address: string;
  /** How it came. */
  readonly entry: string;
}

/** Somebody who is known wants what it may not. */
export interface DenialFacts {
  readonly code: string;
  readonly consumer: Consumer;
  /** What it would need. */
  readonly permission: string;
  readonly entry: string;
}

/** What somebody wants to be different. */
export interface ChangeFacts {
  readonly consumer: Consumer;
  /** Such as `addServer`. */
  readonly action: string;
  /** What it is about. */
  readonly target?: JsonObject;
  /** Recorded by shape and digest. */
  readonly values?: JsonObject;
  readonly entry: string;
}

/** The record of one host. */
export interface Audit {
  /** What writes it, for records that were made elsewhere. */
  readonly recorder: Recorder;
  readonly calls: CallAudit;
  /** With it everybody can check what the host has signed. */
  readonly publicKey: string;
  /** Floods of the same are counted, not written one by one. */
  access(facts: AccessFacts): void;
  /** The same for those who are known. */
  denied(facts: DenialFacts): void;
  /**
   * Resolves when it is written that this is about to be done.
   * @returns to be called with what came of it: nothing, or the error
   * @throws AUDIT_UNAVAILABLE: then it must not be done
   */
  change(facts: ChangeFacts): Promise<(thrown?: unknown) => void>;
  /** Something of the host itself, such as `start`. */
  note(event: string, fields?: JsonObject): void;
  state(): RecorderState;
  /** Writes and signs what there is. */
  close(): Promise<void>;
}

/** @throws AUDIT_DIRECTORY */
export async function openAudit(options: AuditOptions): Promise<Audit> {
  return createAuditOn(await openRecorder(options), options);
}

/** The record where something else writes it: of a process beside the one that holds the chain. */
export function createAuditOn(recorder: Recorder, options: RecordingOptions): Audit {
  const { clock, time, generation } = options;
  const tally = createTally(recorder, clock);
  return {
    recorder,
    calls: createCallAudit({ ...options, recorder, tally }),
    publicKey: recorder.publicKey,
    access({ code, address, entry }) {
      const fields = { entry, address, result: 'refused', rule: 'authentication', code };
      const record = { kind: 'access', time: time(), id: randomUUID(), fields } as const;
      tally.add({ source: address, about: `${code} ${entry}` }, record);
    },
    denied({ code, consumer, permission, entry }) {
      const fields = { ...describeConsumer(consumer), entry, permission, result: 'refused', rule: 'role', code };
      const record = { kind: 'decision', time: time(), id: randomUUID(), fields } as const;
      tally.add({ source: consumer.name, about: `${permission} ${code}` }, record);
    },
    async change({ consumer, action, target = {}, values, entry }) {
      const id = randomUUID();
      const about = { ...describeConsumer(consumer), entry, action, ...target, generation: generation() };
      recorder.admit();
      await recorder.addAndWait({ kind: 'change', phase: 'intent', time: time(), id, fields: about, values });
      return (thrown) => {
        const result = thrown === undefined ? { result: 'ok' } : { result: 'failed', code: codeOf(thrown) };
        recorder.add({
          kind: 'change',
          phase: 'outcome',
          time: time(),
          id,
          fields: { ...about, ...result, generation: generation() },
        });
      };
    },
    note(event, fields = {}) {
      recorder.add({ kind: 'host', time: time(), id: randomUUID(), fields: { event, ...fields } });
    },
    state: () => recorder.state(),
    async close() {
      tally.close();
      await recorder.close();
    },
  };
}

function codeOf(thrown: unknown): string {
  return isHostlerError(thrown) ? thrown.code : 'INTERNAL';
}
