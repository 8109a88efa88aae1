/** A command of a document as the checker runs it. */
export interface Step {
  /** As the document writes it, without its comment. */
  readonly command: string;
  /** The words that it prints when it does what the document says. */
  readonly prints: RegExp;
  /** What it ends with. Default: 0. `any` is for what Ctrl-C ends, before or after it has begun to listen for it. */
  readonly exitCode?: number | 'any';
  readonly input?: string;
  /** It serves until it is stopped: the checker presses Ctrl-C when it has printed its words. */
  readonly serves?: boolean;
  /** It stands in no document, but others need it. */
  readonly isOwn?: boolean;
}

/** Steps that follow one another in one folder, with what is there before the first one. */
export interface Story {
  readonly name: string;
  /** Its folder is the repository itself instead of one that is made for it and thrown away. */
  readonly isInRepository?: boolean;
  /** Called once. @returns the environment of all its steps, beside `PATH` */
  readonly prepare: (place: Place) => Promise<Readonly<Record<string, string>>>;
  readonly steps: readonly Step[];
  /** Steps for which `hostler run` serves the configuration of the folder. */
  readonly whileServed?: readonly Step[];
}

export interface Place {
  /** Where the steps run. */
  readonly folder: string;
  readonly port: number;
  /** Runs a command in the folder. @returns what it printed on standard output */
  readonly run: (command: string) => Promise<string>;
}
