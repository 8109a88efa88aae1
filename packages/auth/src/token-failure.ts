/** Whether `jose` threw it for this reason: its errors are known by their code, so that it need not be loaded to know them. */
export function isFailure(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code;
}

/** What was wrong, without anything of what the token holds: the messages and members of `jose` are not all like that. */
export function failureReason(error: unknown): string {
  if (!(error instanceof Error)) return 'unknown';
  if ('claim' in error && typeof error.claim === 'string') return `claim ${error.claim}`;
  return 'code' in error && typeof error.code === 'string' ? error.code : error.message;
}
