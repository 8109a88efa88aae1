import type { Audit, Recorder } from '@hostler/audit';
import type { CallCounter } from '@hostler/host';
import type { Logger } from '@hostler/kernel';
import type { Pool } from '@hostler/upstream';
import { RelayOwner, toWords } from '@hostler/upstream/relay';
import type { Link } from '@hostler/upstream/relay';
import { BegunCalls } from './begun-calls.ts';
import { AUDIT_PART, LIMITS_PART } from './parts-of-link.ts';
import type { AuditBatch, AuditWord, LimitQuestion } from './parts-of-link.ts';

export interface ServeWorkerOptions {
  readonly link: Pick<Link, 'send' | 'receive'>;
  /** What the worker is called within this process. */
  readonly name: string;
  readonly pool: Pool;
  readonly counter: CallCounter | undefined;
  readonly audit: Audit | undefined;
  readonly log: Logger;
}

/** Gives a worker what exists once: servers, rates, the record. @returns what ends that when the worker is gone */
export function serveWorker({ link, name, pool, counter, audit, log }: ServeWorkerOptions): () => void {
  const owner = new RelayOwner({ link, pool, log, user: name });
  if (counter !== undefined) serveLimits(link, counter);
  const endRecords = audit === undefined ? undefined : serveAudit(link, audit.recorder);
  return () => {
    owner.close();
    endRecords?.();
  };
}

function serveLimits(link: ServeWorkerOptions['link'], counter: CallCounter): void {
  link.receive(LIMITS_PART, (message) => void answer(message as LimitQuestion));
  async function answer({ number, uses }: LimitQuestion): Promise<void> {
    try {
      const taken = counter.take(uses);
      link.send(LIMITS_PART, { number, counted: taken instanceof Promise ? await taken : taken });
    } catch (error) {
      link.send(LIMITS_PART, { number, error: toWords(error, '') });
    }
  }
}

/**
 * Whether anything is admitted is told with each answer, and as soon as it is another than before.
 * @returns what gives the calls an end that the worker has left behind
 */
function serveAudit(link: ServeWorkerOptions['link'], recorder: Recorder): () => void {
  const begun = new BegunCalls();
  let told = true;
  function tell(word: Omit<AuditWord, 'admits'>): void {
    const admits = recorder.admits();
    if (word.number === undefined && admits === told) return;
    told = admits;
    link.send(AUDIT_PART, { ...word, admits });
  }
  link.receive(AUDIT_PART, (message) => {
    const { entries, number } = message as AuditBatch;
    for (const entry of entries) begun.take(entry);
    const last = entries.at(-1);
    if (number === undefined || last === undefined) {
      for (const entry of entries) recorder.add(entry);
      return tell(number === undefined ? {} : { number });
    }
    for (const entry of entries.slice(0, -1)) recorder.add(entry);
    const written = recorder.addAndWait(last);
    if (written === undefined) return tell({ number });
    written.then(
      () => tell({ number }),
      (error: unknown) => tell({ number, error: toWords(error, '') }),
    );
  });
  return () => {
    for (const end of begun.leftBehind(Date.now())) recorder.add(end);
  };
}
