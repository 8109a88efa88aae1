import { createHmac, timingSafeEqual } from 'node:crypto';

/** A task where it lives. */
export interface TaskPlace {
  readonly server: string;
  /** As the server knows it. */
  readonly taskId: string;
}

/**
 * The ids under which clients know tasks: they say which server has the task and are good for one consumer. Nothing is
 * kept for them, and the same task has the same id for as long as the key is the same.
 */
export interface TaskIds {
  toPublic(consumer: string, place: TaskPlace): string;
  /** Undefined for whatever was not made for this consumer; nothing tells which it was. */
  fromPublic(consumer: string, id: unknown): TaskPlace | undefined;
}

/** Of SHA-256: 128 bits cannot be guessed. */
const PROOF_BYTES = 16;

/** Longer than any that a server has reason to give. */
const MAX_LENGTH = 4_096;

const FORM = /^([\w-]{1,64})\.([\w-]+)\.[\w-]{22}$/;

/** @param key whoever has it can make ids */
export function createTaskIds(key: Uint8Array): TaskIds {
  function toPublic(consumer: string, { server, taskId }: TaskPlace): string {
    // The parts as a list, so that none can run into the next.
    const bound = JSON.stringify(['task', consumer, server, taskId]);
    const proof = createHmac('sha256', key).update(bound).digest().subarray(0, PROOF_BYTES);
    return `${server}.${Buffer.from(taskId).toString('base64url')}.${proof.toString('base64url')}`;
  }

  return {
    toPublic,
    fromPublic(consumer, id) {
      if (typeof id !== 'string' || id.length > MAX_LENGTH) return undefined;
      const [, server, encoded] = FORM.exec(id) ?? [];
      if (server === undefined || encoded === undefined) return undefined;
      const place = { server, taskId: Buffer.from(encoded, 'base64url').toString('utf8') };
      // All of it, so that no other spelling of the same parts is taken.
      const expected = Buffer.from(toPublic(consumer, place));
      const given = Buffer.from(id);
      return expected.length === given.length && timingSafeEqual(expected, given) ? place : undefined;
    },
  };
}
