import { isJsonObject } from '@hostler/kernel';
import type { JsonObject } from '@hostler/kernel';

/** A line of the log; undefined when it is none of the log's own. */
export function parseLogRecord(line: string): JsonObject | undefined {
  try {
    const value: unknown = JSON.parse(line);
    return isJsonObject(value) ? value : undefined;
  } catch {
    // Not JSON is the answer.
    return undefined;
  }
}
