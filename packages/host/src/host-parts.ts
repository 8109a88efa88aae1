import type { Consumer, Logger } from '@hostler/kernel';
import type { Pool } from '@hostler/upstream';
import type { CallLimit } from './call-limit.ts';
import type { Catalogs } from './catalogs.ts';
import type { LogLevels } from './log-levels.ts';
import type { Subscriptions } from './subscriptions/subscriptions.ts';
import type { TaskNames } from './tasks/task-names.ts';
import type { Views } from './views.ts';

/** What the steps of a request work with. */
export interface HostParts {
  readonly pool: Pool;
  readonly catalogs: Catalogs;
  readonly views: Views;
  readonly logLevels: LogLevels;
  readonly subscriptions: Subscriptions;
  readonly tasks: TaskNames;
  readonly log: Logger;
  /** Absent: nobody has a limit. */
  readonly limitOf?: ((consumer: Consumer) => CallLimit | undefined) | undefined;
}
