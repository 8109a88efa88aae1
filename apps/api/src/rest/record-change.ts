import { isJsonObject } from '@hostler/kernel';
import type { Consumer, JsonObject } from '@hostler/kernel';
import type { Runtime } from '@hostler/runtime';
import type { Route, RouteAnswer } from './route.ts';

interface Change {
  readonly route: Pick<Route, 'id' | 'changes'>;
  readonly consumer: Consumer;
  readonly path: JsonObject;
  readonly body: unknown;
}

/**
 * Does what changes something when it is written down that it is about to be done, and then what came of it. What only reads
 * is done.
 * @throws AUDIT_UNAVAILABLE, and what the work throws
 */
export async function recordChange(
  { audit }: Pick<Runtime, 'audit'>,
  { route, consumer, path, body }: Change,
  work: () => Promise<RouteAnswer>,
): Promise<RouteAnswer> {
  if (audit === undefined || route.changes === undefined) return work();
  const values = isJsonObject(body) ? { values: body } : {};
  const done = await audit.change({ consumer, action: route.id, target: { target: path }, entry: 'rest', ...values });
  try {
    const answer = await work();
    done();
    return answer;
  } catch (thrown) {
    done(thrown);
    throw thrown;
  }
}
