import type { Recorder } from '@hostler/audit';
import type { CallCounter } from '@hostler/host';
import type { Clock } from '@hostler/kernel';
import type { Connect } from '@hostler/upstream';
import { RelayUser } from '@hostler/upstream/relay';
import type { Link } from '@hostler/upstream/relay';
import { createRelayedCounter } from './relayed-counter.ts';
import { RelayedRecorder } from './relayed-recorder.ts';

/** What exists once, as a worker uses it: another process has it. */
export interface WorkerParts {
  readonly connectStdio: Connect;
  readonly counter: CallCounter;
  readonly recorder: Recorder;
  /** 32 bytes, the same in all workers: the ids of tasks are good in each. */
  readonly taskKey: Uint8Array;
}

export interface WorkerPartsOptions {
  readonly link: Link;
  readonly clock: Clock;
  readonly taskKey: Uint8Array;
  readonly onRenewed: (server: string) => void;
}

export function createWorkerParts({ link, clock, taskKey, onRenewed }: WorkerPartsOptions): WorkerParts {
  return {
    connectStdio: new RelayUser({ link, onRenewed }).connect,
    counter: createRelayedCounter(link),
    recorder: new RelayedRecorder(link, clock),
    taskKey,
  };
}
