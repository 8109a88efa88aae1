import { serverJsonSchema } from '@hostler/config/schemas';
import { isHostlerError, isJsonObject } from '@hostler/kernel';
import type { JsonObject } from '@hostler/kernel';
import type { Runtime } from '@hostler/runtime';
import * as v from 'valibot';
import { apiErrors } from '../errors.ts';
import { refusalsOf } from './allowed-server.ts';
import { describeServer } from './describe-server.ts';
import { defineRoute } from './route.ts';
import type { Route } from './route.ts';
import { answers } from './schemas.ts';

/** The shape is checked where a file is checked, which has better words for it. */
const settingsBody = v.record(v.string(), v.unknown(), 'must be an object with the settings of a server');

const newServerBody = v.objectWithRest(
  { name: v.pipe(v.string('must be the name of the server'), v.minLength(1, 'must not be empty')) },
  v.unknown(),
  'must be an object with the name and the settings of a server',
);

const SUMMARIES = {
  restart: 'Start a fresh one in the place of a server; no call fails',
  enable: 'Start a server that is disabled',
  disable: 'Stop a server and keep its settings',
} as const;

const CHANGE_PROBLEMS = [403, 404, 409];
const BODY_PROBLEMS = [413, 415, 422];

/** Servers while the host runs. */
export const serverRoutes: readonly Route[] = [
  defineRoute({
    method: 'GET',
    path: '/v1/servers',
    id: 'listServers',
    permission: 'servers:read',
    summary: 'List the servers, and how they differ from the file',
    tag: 'servers',
    answer: { status: 200, means: 'All servers, the disabled ones too.', schema: answers.servers },
    work: ({ runtime }) => ({
      body: {
        servers: runtime.servers.list().map((record) => describeServer(record, runtime.lock)),
        drift: runtime.servers.drift(),
        changes: { enabled: runtime.plan.api.servers.enabled },
      },
    }),
  }),
  defineRoute({
    method: 'POST',
    path: '/v1/servers',
    id: 'addServer',
    permission: 'servers:write',
    summary: 'Register a server and start it',
    tag: 'servers',
    changes: 'servers',
    body: newServerBody,
    bodySchema: () => withName(serverJsonSchema()),
    answer: { status: 201, means: 'It is registered; its state tells whether it is up.', schema: answers.server },
    problems: [...CHANGE_PROBLEMS, ...BODY_PROBLEMS],
    async work({ runtime }, { body: { name, ...settings } }) {
      requireAllowed(runtime, settings);
      return { status: 201, body: describeServer(await runtime.servers.add(name, settings)) };
    },
  }),
  defineRoute({
    method: 'POST',
    path: '/v1/servers/test',
    id: 'testServer',
    permission: 'servers:write',
    summary: 'Start a server apart from all others, list its tools and stop it',
    tag: 'servers',
    changes: 'servers',
    body: settingsBody,
    bodySchema: serverJsonSchema,
    answer: { status: 200, means: 'What came of it.', schema: answers.test },
    problems: [403, 429, ...BODY_PROBLEMS],
    async work({ runtime }, { body, signal }) {
      requireAllowed(runtime, body);
      return { body: await runtime.servers.test(body, signal) };
    },
  }),
  defineRoute({
    method: 'POST',
    path: '/v1/servers/save',
    id: 'saveServers',
    permission: 'servers:write',
    summary: 'Write the changes of servers into the configuration file',
    tag: 'servers',
    changes: 'servers',
    answer: { status: 200, means: 'What was written; the file before it is kept beside it.', schema: answers.saved },
    problems: [403, 409],
    work: async ({ runtime }) => ({ body: await runtime.servers.save() }),
  }),
  defineRoute({
    method: 'GET',
    path: '/v1/servers/{name}',
    id: 'getServer',
    permission: 'servers:read',
    summary: 'Show one server',
    tag: 'servers',
    answer: { status: 200, means: 'The server.', schema: answers.server },
    problems: [404],
    work: ({ runtime }, { path }) => ({ body: describeServer(runtime.servers.get(nameIn(path)), runtime.lock) }),
  }),
  defineRoute({
    method: 'PUT',
    path: '/v1/servers/{name}',
    id: 'updateServer',
    permission: 'servers:write',
    summary: 'Replace the settings of a server; no call fails',
    tag: 'servers',
    changes: 'servers',
    body: settingsBody,
    bodySchema: serverJsonSchema,
    answer: { status: 200, means: 'The server in its new form.', schema: answers.server },
    problems: [...CHANGE_PROBLEMS, ...BODY_PROBLEMS, 502],
    async work({ runtime }, { path, body }) {
      requireAllowed(runtime, body);
      return { body: describeServer(await runtime.servers.update(nameIn(path), body)) };
    },
  }),
  defineRoute({
    method: 'DELETE',
    path: '/v1/servers/{name}',
    id: 'removeServer',
    permission: 'servers:write',
    summary: 'Unregister a server; its running calls have the grace of the configuration',
    tag: 'servers',
    changes: 'servers',
    answer: { status: 204, means: 'Nothing of it is left.' },
    problems: CHANGE_PROBLEMS,
    async work({ runtime }, { path }) {
      // Says that there is none.
      runtime.servers.get(nameIn(path));
      await runtime.servers.remove(nameIn(path));
      return { status: 204 };
    },
  }),
  ...(['restart', 'enable', 'disable'] as const).map((action) =>
    defineRoute({
      method: 'POST',
      path: `/v1/servers/{name}/${action}`,
      id: `${action}Server`,
      permission: `servers:${action}`,
      summary: SUMMARIES[action],
      tag: 'servers',
      changes: 'servers',
      answer: { status: 200, means: 'The server.', schema: answers.server },
      problems: [...CHANGE_PROBLEMS, 502],
      work: async ({ runtime }, { path }) => ({ body: describeServer(await runtime.servers[action](nameIn(path))) }),
    }),
  ),
  defineRoute({
    method: 'POST',
    path: '/v1/reload',
    id: 'reload',
    permission: 'config:reload',
    summary: 'Read the configuration file again',
    tag: 'servers',
    changes: 'servers',
    answer: { status: 200, means: 'What the file has changed.', schema: answers.applied },
    problems: [403, 422],
    async work({ runtime }) {
      try {
        return { body: await runtime.reload() };
      } catch (error) {
        throw reloadError(error);
      }
    },
  }),
];

function nameIn(path: Readonly<Record<string, string>>): string {
  return path['name'] ?? '';
}

/** @throws API_SERVER_REFUSED with everything that is not allowed */
function requireAllowed({ plan }: Runtime, settings: object): void {
  const refusals = refusalsOf(isJsonObject(settings) ? settings : {}, plan.api.servers, plan.folder);
  if (refusals.length > 0) throw apiErrors.SERVER_REFUSED({ details: { problems: refusals } });
}

function withName(schema: JsonObject): JsonObject {
  const name: JsonObject = { type: 'string', description: 'Its name, as it stands below `servers` in a file.' };
  const properties = isJsonObject(schema['properties']) ? schema['properties'] : {};
  const required = Array.isArray(schema['required']) ? schema['required'] : [];
  return { ...schema, properties: { name, ...properties }, required: ['name', ...required] };
}

/** Lines, not the path of the file: whoever may reload need not know where it is. */
function reloadError(error: unknown): unknown {
  if (!isHostlerError(error) || !error.code.startsWith('CONFIG_')) return error;
  const { problems } = error.details;
  const known = Array.isArray(problems) ? (problems as readonly JsonObject[]) : [];
  const shown = known.map(({ file: _file, ...problem }) => problem);
  return apiErrors.RELOAD_REFUSED({
    details: { reason: error.message, ...(shown.length > 0 && { problems: shown }) },
    cause: error,
  });
}
