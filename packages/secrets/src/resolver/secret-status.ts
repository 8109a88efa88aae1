/** How a reference is doing. Holds no value and nothing a value could be told from. */
export interface SecretStatus {
  /** As it was asked for, with its `#key`. */
  readonly reference: string;
  readonly scheme: string;
  /** The provider's name for the version that is served. */
  readonly version?: string;
  /** It names one version, whose value cannot change. */
  readonly pinned: boolean;
  /** Too short to be masked in output. */
  readonly weak: boolean;
  /** When the provider confirmed it last. */
  readonly readAt?: Date;
  /** When another value than the one before was read; absent: there was no other. */
  readonly changedAt?: Date;
  /** An old value is served because the provider is unavailable. */
  readonly stale: boolean;
  /** The last read failed; `since` is when the first of them in a row did. */
  readonly failure?: { readonly code: string; readonly message: string; readonly since: Date };
}

export interface SecretChange {
  readonly reference: string;
  readonly version?: string;
  /**
   * `other`: another value than the last one that was read. `none`: nobody could have it for a time; the value is the
   * first, or the same as before.
   */
  readonly previous: 'other' | 'none';
}
