import type { Consumer } from '@hostler/kernel';

const MAX_LENGTH = 256;

/** Members of a record that say who it was; what is not known is undefined. */
export interface ConsumerFacts {
  readonly [key: string]: string | undefined;
  readonly consumer: string;
  readonly proof: string | undefined;
  readonly issuer: string | undefined;
  readonly subject: string | undefined;
  readonly credential: string | undefined;
}

/** Who it was, and by which means that was proved; no secret, and no claim. */
export function describeConsumer({ name, identity }: Consumer): ConsumerFacts {
  return {
    consumer: name,
    proof: identity?.method,
    issuer: bounded(identity?.issuer),
    subject: bounded(identity?.subject),
    credential: bounded(identity?.credential),
  };
}

function bounded(text: string | undefined): string | undefined {
  return text === undefined || text.length <= MAX_LENGTH ? text : text.slice(0, MAX_LENGTH);
}
