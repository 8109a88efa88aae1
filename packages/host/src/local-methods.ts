import type { Exchange, Outcome } from '@hostler/kernel';
import type { HostParts } from './host-parts.ts';
import { answerList, listOf } from './lists.ts';
import { setLevelEverywhere } from './log-levels.ts';
import { listTasks } from './tasks/list-tasks.ts';

/** What the host answers itself; undefined for what goes to a server. */
export function answerLocally(parts: HostParts, exchange: Exchange): Promise<Outcome> | undefined {
  const { request, scope } = exchange;
  const { method } = request;
  const list = listOf(method);
  if (list !== undefined) return answerList(parts, exchange, list);
  const subscribed = parts.subscriptions.answer(exchange);
  if (subscribed !== undefined) return subscribed;
  if (scope.kind === 'server') return undefined;
  if (method === 'logging/setLevel') return setLevelEverywhere(parts, exchange);
  return method === 'tasks/list' ? listTasks(parts, exchange) : undefined;
}
