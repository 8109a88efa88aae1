/** How the operating system names a failure, as `EADDRINUSE`. */
export function systemCode(error: unknown): unknown {
  return error instanceof Error && 'code' in error ? error.code : undefined;
}
