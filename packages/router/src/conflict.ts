import type { ListName } from '@hostler/protocol';

/** Something about what the servers offer that an operator should know: nothing of it is fatal. */
export interface Conflict {
  readonly problem: ConflictProblem;
  readonly server: string;
  /** Absent when it concerns no single kind. */
  readonly kind?: ListName;
  /** The name, URI or pattern that it is about, as it stands in the lists or in the configuration. */
  readonly key: string;
  /** What is wrong, as one sentence for a person. */
  readonly message: string;
  readonly mend: string;
}

export type ConflictProblem =
  /** Two definitions would have one public name; this one is not served. */
  | 'name-taken'
  /** Two would have public names that a person takes for the same; this one is not served. */
  | 'name-alike'
  /** It holds what a person does not see, or far too much; it is served without that, or not at all. */
  | 'suspicious'
  /** A server before this one has the URI; this one is served under its qualified URI. */
  | 'uri-shared'
  /** The server lists it more than once; the first is served. */
  | 'duplicate'
  /** It cannot be changed as the configuration asks; it is not offered. */
  | 'definition-broken'
  /** The configuration changes something that the server does not have. */
  | 'override-unused'
  | 'argument-unused'
  | 'pattern-unused'
  /** The configuration takes away an argument that the server requires, and gives it no value. */
  | 'argument-missing'
  /** The server's list was longer than a bound. */
  | 'list-cut';

/** Names come from servers: they are shown cut and escaped. */
export function shown(name: string): string {
  return JSON.stringify(name.length > SHOWN_LENGTH ? `${name.slice(0, SHOWN_LENGTH)}…` : name);
}

const SHOWN_LENGTH = 120;

export const KIND_WORDS: Readonly<Record<ListName, string>> = {
  tool: 'tool',
  prompt: 'prompt',
  resource: 'resource',
  template: 'resource template',
};
