/** The server does not keep to HTTP/1.1. `problem` is a sentence of ours: never a byte of the server's. */
export function violation(problem: string): Error {
  return Object.assign(new Error(`not an answer in HTTP/1.1: ${problem}`), { code: 'HTTP_PARSER' });
}

/** The server ended the connection while an answer was awaited or under way. */
export function endedEarly(): Error {
  return Object.assign(new Error('the connection ended before the end of the answer'), { code: 'ECONNRESET' });
}
