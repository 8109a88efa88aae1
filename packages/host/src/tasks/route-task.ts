import type { Exchange } from '@hostler/kernel';
import { protocolErrors } from '@hostler/protocol';
import type { HostParts } from '../host-parts.ts';
import type { Route } from '../route.ts';
import { taskErrors } from './task-errors.ts';
import { hasTasks, requireDeclaration } from './task-support.ts';

/**
 * The server that has the task which a request names, and the request as that server knows the task.
 * @throws TASK_UNKNOWN, TASK_NOT_DECLARED, PROTOCOL_METHOD_NOT_FOUND
 */
export function routeTask({ pool, tasks, views }: HostParts, exchange: Exchange): Route {
  const { client, scope, request } = exchange;
  const { method, params } = request;
  const place = tasks.find(exchange, params['taskId']);
  // A server that stands in a group has no state of its own here, and its tasks stay its own.
  const isInScope = (name: string): boolean =>
    (scope.kind === 'all' || scope.name === name) && views.mayHear(exchange, name);
  const isThere = place !== undefined && isInScope(place.server) && pool.spec(place.server) !== undefined;
  const hasAny = pool
    .states()
    .some(({ name, server }) => isInScope(name) && server?.era === client.era && hasTasks(server));
  if (!isThere && !hasAny) {
    throw protocolErrors.METHOD_NOT_FOUND({ details: { method } });
  }
  requireDeclaration(client);
  if (!isThere) throw taskErrors.UNKNOWN();
  return { server: place.server, request: { method, params: { ...params, taskId: place.taskId } } };
}
