import * as v from 'valibot';
import { api } from './api.ts';
import { audit } from './audit.ts';
import { auth } from './auth.ts';
import { bundle, bundleName } from './bundle.ts';
import { consumer, consumerName } from './consumer.ts';
import { group } from './group.ts';
import { hostLimits } from './limits.ts';
import { listen } from './listen.ts';
import { lock } from './lock.ts';
import { log } from './log.ts';
import { outbound } from './outbound.ts';
import { role, roleName } from './role.ts';
import { secrets } from './secrets.ts';
import { server, serverName } from './server.ts';
import { duration, flag, pathText } from './values.ts';

const shutdown = v.strictObject(
  { grace: v.exactOptional(duration(0, 'Time that running calls have to finish at shutdown.'), '25s') },
  'a map with grace',
);

const calls = v.strictObject(
  {
    busyPoll: v.exactOptional(
      flag(
        'Whether the process may stay awake for up to 0.2 ms while a single call waits for a server that usually answers within that time: the call comes back sooner and takes more CPU. It is given up where it does not pay, and not done with workers or where a container has the time of less than two cores. Changes are in force after a restart.',
      ),
      true,
    ),
  },
  'a map with busyPoll',
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
    bundles: v.exactOptional(
      v.pipe(
        v.record(bundleName, bundle, 'a map of bundles'),
        v.description(
          'Named sets with an endpoint of their own, `/bundles/<name>/mcp`, which shows what a consumer sees of them.',
        ),
      ),
      {},
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
    lock: v.exactOptional(lock, {}),
    audit: v.exactOptional(audit),
    limits: v.exactOptional(hostLimits, {}),
    calls: v.exactOptional(calls, {}),
    outbound: v.exactOptional(outbound, {}),
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
/** What a consumer or a bundle says of what is seen. */
export type CheckedView = Pick<CheckedConfig['bundles'][string], 'servers' | 'allow' | 'deny'>;
export type CheckedConsumer = NonNullable<CheckedConfig['consumers']>[string];
export type CheckedAudit = NonNullable<CheckedConfig['audit']>;
export type CheckedIssuer = CheckedConfig['auth']['issuers'][string];
