import * as v from 'valibot';

export const LOG_LEVELS = ['debug', 'info', 'warn', 'error'] as const;

/** The parts of the host that write records. */
export const LOG_MODULES = ['api', 'audit', 'auth', 'config', 'endpoint', 'host', 'secrets', 'upstream'] as const;

const level = v.picklist(LOG_LEVELS);
const own = v.exactOptional(
  v.pipe(level, v.description('For the records of this part of the host. Absent: as `log.level`.')),
);
const levels = Object.fromEntries(LOG_MODULES.map((module) => [module, own])) as Record<
  (typeof LOG_MODULES)[number],
  typeof own
>;

export const log = v.strictObject(
  {
    level: v.exactOptional(v.pipe(level, v.description('Least severe log records to write.')), 'info'),
    modules: v.exactOptional(
      v.pipe(
        v.strictObject(levels, 'a map of levels'),
        v.description('Other levels for single parts of the host; each record names its part in `module`.'),
      ),
      {},
    ),
  },
  'a map with level and modules',
);
