import process from 'node:process';

/**
 * Keeps the environment, which `env://` secrets come from, out of the diagnostic reports that Node writes when somebody
 * asks for them or the process breaks down.
 */
export function hardenProcess({ report } = process): void {
  report.excludeEnv = true;
}
