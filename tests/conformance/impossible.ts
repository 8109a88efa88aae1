/** What no host can carry between a client and a server of different eras; docs/eras.md has each reason word by word. */
export interface Impossible {
  readonly client: 'legacy' | 'modern';
  readonly server: 'legacy' | 'modern';
  readonly reason: string;
  /** Checks of the official suite that fail because of it: the entries of the files of expected failures. */
  readonly checks?: readonly string[];
}

export const impossible: readonly Impossible[] = [
  {
    client: 'modern',
    server: 'legacy',
    reason: 'A legacy server never says which capability of its client it lacks, so error -32021 has no source.',
    checks: [
      'server-stateless:sep-2575-server-rejects-undeclared-capability',
      'server-stateless:sep-2575-missing-capability-http-400',
    ],
  },
  {
    client: 'modern',
    server: 'legacy',
    reason:
      'A question of a legacy server has no name of its own, so the key of its entry in `inputRequests` is chosen by the host.',
    checks: ['input-required-result-basic-elicitation:sep-2322-elicitation-incomplete'],
  },
  {
    client: 'modern',
    server: 'legacy',
    reason: 'A legacy server asks first, so answers that a client sends before it was asked are not taken.',
    checks: ['input-required-result-ignore-extra-params:sep-2322-ignore-unexpected-params'],
  },
  {
    client: 'modern',
    server: 'legacy',
    reason:
      'Modern clients cannot be told that a page they were sent to is done, because revision 2026-07-28 has no `notifications/elicitation/complete`.',
  },
  {
    client: 'legacy',
    server: 'modern',
    reason:
      'A modern server does not say when a page is done, so legacy clients get no `notifications/elicitation/complete`.',
  },
];
