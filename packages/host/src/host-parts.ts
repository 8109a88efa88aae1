import type { Consumer, Logger } from '@hostler/kernel';
import type { Pool } from '@hostler/upstream';
import type { CallLimit } from './call-limit.ts';
import type { CallRecording } from './call-recording.ts';
import type { Catalogs } from './catalogs.ts';
import type { Consents } from './consent/consents.ts';
import type { ServerLimits } from './limits/server-limits.ts';
import type { DriftWatch } from './drift/drift-watch.ts';
import type { LogLevels } from './log-levels.ts';
import type { Subscriptions } from './subscriptions/subscriptions.ts';
import type { TaskNames } from './tasks/task-names.ts';
import type { Views } from './views.ts';

/** What the steps of a request work with. */
export interface HostParts {
  readonly pool: Pool;
  readonly catalogs: Catalogs;
  readonly views: Views;
  readonly drift: DriftWatch;
  readonly logLevels: LogLevels;
  readonly subscriptions: Subscriptions;
  readonly tasks: TaskNames;
  readonly log: Logger;
  /** Absent: no server wants its users' consent. */
  readonly consents?: Consents | undefined;
  /** What servers are given. */
  readonly serverLimits: ServerLimits;
  /** Absent: nobody has a limit. */
  readonly limitOf?: ((consumer: Consumer) => CallLimit | undefined) | undefined;
  /** Absent: nothing is written down. */
  readonly recording?: CallRecording | undefined;
}
