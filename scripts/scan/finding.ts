/** Something that looks like a secret; the text itself goes no further than its digest. */
export interface Finding {
  /** A file, `commit:path`, `layer:path`: where somebody finds it again. */
  readonly place: string;
  readonly line: number;
  readonly rule: string;
  /** SHA-256 of the text that was found, in hexadecimal. */
  readonly digest: string;
  /** Enough of the text to recognize it, and not enough to use it. */
  readonly shown: string;
}
