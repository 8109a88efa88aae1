import type { Command } from 'commander';
import type { HealthFlags } from '../commands/health.ts';
import { addHelp } from './help.ts';
import type { Perform } from './create-program.ts';

/** `health`: how the host on this machine is, for what supervises it. */
export function addHealthCommand(program: Command, perform: Perform): void {
  const health = program
    .command('health')
    .summary('tell whether the host on this machine is ready')
    .description('Asks the host on this machine whether calls are welcome. Reads no configuration and needs no key.')
    .option('--live', 'only whether the process answers')
    .option('--url <url>', 'the host (default: 127.0.0.1 at PORT, else 8000)')
    .option('--timeout <seconds>', 'how long to wait for its answer', '3')
    .action((flags: HealthFlags, command: Command) =>
      perform(command, async (cli) => {
        const { runHealth } = await import('../commands/health.ts');
        return runHealth(cli, flags);
      }),
    );
  addHelp(health, {
    about: ['Exit code 0: it is ready, 3: it is not, or nothing answers.'],
    examples: [
      ['hostler health', 'as the health check of a container does'],
      ['hostler health --live --url http://127.0.0.1:9000', 'another port; servers do not matter'],
      ['hostler health --json', 'with the milliseconds it took'],
    ],
  });
}
