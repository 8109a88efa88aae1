/** A record of the log of a worker, which says whose it is. */
export function logLine(line: string, worker: number): string {
  return line.startsWith('{') ? `{"worker":${worker},${line.slice(1)}\n` : `${line}\n`;
}
