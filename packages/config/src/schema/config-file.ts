import * as v from 'valibot';
import { api } from './api.ts';
import { auth } from './auth.ts';
import { consumer, consumerName } from './consumer.ts';
import { group } from './group.ts';
import { role, roleName } from './role.ts';
import { secrets } from './secrets.ts';
import { server, serverName } from './server.ts';
import { duration, flag, pathText, text } from './values.ts';

const listen = v.strictObject(
  {
    host: v.exactOptional(
      v.pipe(text(), v.description('Address to listen on. The default is reachable from this machine only.')),
      '127.0.0.1',
    ),
    port: v.exactOptional(
      v.pipe(
        v.number('a port number'),
        v.integer('must be a port: a whole number from 0 to 65535'),
        v.minValue(0, 'must be a port: a whole number from 0 to 65535'),
        v.maxValue(65_535, 'must be a port: a whole number from 0 to 65535'),
        v.description('Port to listen on; 0 takes a free one.'),
      ),
      8000,
    ),
    socket: v.exactOptional(
      v.pipe(
        pathText(),
        v.description(
          'Unix socket to listen on instead of a port, relative to this file’s folder. Only the user that runs Hostler may connect.',
        ),
      ),
    ),
    allowedHosts: v.exactOptional(
      v.pipe(
        v.array(
          v.pipe(
            v.string('text'),
            v.regex(/^[^\s/]+$/, 'must be a host name, with :port if needed, such as mcp.example.com'),
          ),
          'a list of host names',
        ),
        v.description('Names in the `Host` header under which clients may address Hostler.'),
      ),
    ),
    allowedOrigins: v.exactOptional(
      v.pipe(
        v.array(
          v.pipe(
            v.string('text'),
            v.regex(
              /^[a-z][a-z0-9+.-]*:\/\/[^\s/]+$/,
              'must be an origin without a path, such as https://app.example.com',
            ),
          ),
          'a list of origins',
        ),
        v.description('Web pages that may call Hostler, as the `Origin` header names them.'),
      ),
    ),
  },
  'a map with host and port',
);

export const LOG_LEVELS = ['debug', 'info', 'warn', 'error'] as const;

const log = v.strictObject(
  {
    level: v.exactOptional(v.pipe(v.picklist(LOG_LEVELS), v.description('Least severe log records to write.')), 'info'),
  },
  'a map with level',
);

const shutdown = v.strictObject(
  { grace: v.exactOptional(duration(0, 'Time that running calls have to finish at shutdown.'), '25s') },
  'a map with grace',
);

const reload = v.strictObject(
  {
    watch: v.exactOptional(
      flag(
        'Read this file again when it has changed; it is looked at four times a second. SIGHUP does the same at any time.',
      ),
      false,
    ),
  },
  'a map with watch',
);

const state = v.strictObject(
  {
    directory: v.exactOptional(
      v.pipe(
        pathText(),
        v.description(
          'Folder for what is remembered from one run to the next, such as the tools of servers that are slow to start. By default `hostler` in the user’s state folder.',
        ),
      ),
    ),
  },
  'a map with directory',
);

/** Everything a person may write, in one place: the checks, the JSON Schema and the reference come from here. */
export const configSchema = v.strictObject(
  {
    $schema: v.exactOptional(
      v.pipe(v.string('text'), v.description('Address of the JSON Schema, for editors. Hostler does not read it.')),
    ),
    servers: v.pipe(
      v.record(serverName, server, 'a map of servers'),
      v.description('The MCP servers to run or connect to, by name. Clients see their tools as `name__tool`.'),
    ),
    groups: v.exactOptional(
      v.pipe(
        v.record(serverName, group, 'a map of groups'),
        v.description('Servers that stand in for each other, by the name under which clients see them as one.'),
      ),
      {},
    ),
    secrets: v.exactOptional(secrets, {}),
    consumers: v.exactOptional(
      v.pipe(
        v.record(consumerName, consumer, 'a map of consumers'),
        v.description(
          'Who may use this host, by name. Absent: whoever reaches it, which is this machine alone; `{}`: nobody.',
        ),
      ),
    ),
    roles: v.exactOptional(
      v.pipe(
        v.record(roleName, role, 'a map of roles'),
        v.description(
          'Roles of your own for `roles` of consumers, by name, beside `viewer` (reads), `operator` (restarts, enables, disables, reloads and rotates as well) and `admin` (everything).',
        ),
      ),
      {},
    ),
    auth: v.exactOptional(auth, {}),
    listen: v.exactOptional(listen, {}),
    log: v.exactOptional(log, {}),
    shutdown: v.exactOptional(shutdown, {}),
    state: v.exactOptional(state, {}),
    reload: v.exactOptional(reload, {}),
    api: v.exactOptional(api, {}),
  },
  'a map with servers',
);

/** What people write. */
export type ConfigFile = v.InferInput<typeof configSchema>;

/** The same with every default filled in. */
export type CheckedConfig = v.InferOutput<typeof configSchema>;
export type CheckedServer = CheckedConfig['servers'][string];
export type CheckedConsumer = NonNullable<CheckedConfig['consumers']>[string];
export type CheckedIssuer = CheckedConfig['auth']['issuers'][string];
