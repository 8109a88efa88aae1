/** Why no connection came about, where we know better than the code of the operating system. */
export class NetworkFailure extends Error {
  /** A safe sentence for the operator: no address, no credentials. */
  readonly problem: string;

  constructor(problem: string, cause?: unknown) {
    super(problem, cause === undefined ? undefined : { cause });
    this.name = 'NetworkFailure';
    this.problem = problem;
  }
}
