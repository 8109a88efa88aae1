import { Argument } from 'commander';
import type { Command } from 'commander';
import type { Shell } from '../commands/completion.ts';
import { addHelp } from './help.ts';
import type { Perform } from './create-program.ts';

interface ImportFlags {
  readonly out: string;
  readonly force?: boolean;
}

/** `validate`, `doctor`, `import`, `schema` and `completion`: what prepares. */
export function addConfigCommands(program: Command, perform: Perform): void {
  addValidate(program, perform);
  addDoctor(program, perform);
  addImport(program, perform);
  addSchema(program, perform);
  const completion = program
    .command('completion')
    .summary('print a completion script for a shell')
    .description('Prints a script that completes commands, options and configuration files.')
    .addArgument(new Argument('<shell>', 'the shell').choices(['bash', 'zsh', 'fish']))
    .action((shell: Shell, _flags: object, command: Command) =>
      perform(command, async (cli) => {
        const { runCompletion } = await import('../commands/completion.ts');
        return runCompletion(cli, shell, program);
      }),
    );
  addHelp(completion, {
    examples: [
      ['eval "$(hostler completion bash)"', 'in ~/.bashrc'],
      ['eval "$(hostler completion zsh)"', 'in ~/.zshrc, after compinit'],
      ['hostler completion fish | source', 'in ~/.config/fish/config.fish'],
    ],
  });
}

function addValidate(program: Command, perform: Perform): void {
  const validate = program
    .command('validate')
    .summary('check a configuration')
    .description('Reports everything that is wrong with a configuration, with its place and its mend. Starts nothing.')
    .argument('[config]', 'the configuration file')
    .action((config: string | undefined, _flags: object, command: Command) =>
      perform(command, async (cli) => {
        const { runValidate } = await import('../commands/validate.ts');
        return runValidate(cli, config);
      }),
    );
  addHelp(validate, {
    examples: [
      ['hostler validate', 'exit code 0: valid, 2: not'],
      ['hostler validate .mcp.json --json', 'the problems as JSON'],
    ],
  });
}

function addDoctor(program: Command, perform: Perform): void {
  const doctor = program
    .command('doctor')
    .summary('check everything, start every server once')
    .description(
      'Looks at Node.js, the configuration, the port and the program of every server, starts every server\nonce, and says what is wrong and how to mend it.',
    )
    .argument('[config]', 'the configuration file')
    .action((config: string | undefined, _flags: object, command: Command) =>
      perform(command, async (cli) => {
        const { runDoctor } = await import('../commands/doctor.ts');
        return runDoctor(cli, config);
      }),
    );
  addHelp(doctor, {
    examples: [
      ['hostler doctor', 'exit code 0: all is well, 2: configuration, 3: a server is not up'],
      ['hostler doctor team.yaml --json', 'the findings as JSON'],
    ],
  });
}

function addSchema(program: Command, perform: Perform): void {
  const schema = program
    .command('schema')
    .summary('print the JSON Schema of the configuration')
    .description('Prints the JSON Schema of hostler.yaml, for editors that complete and check it.')
    .action((_flags: object, command: Command) =>
      perform(command, async (cli) => {
        const { runSchema } = await import('../commands/schema.ts');
        return runSchema(cli);
      }),
    );
  addHelp(schema, {
    examples: [['hostler schema > hostler.schema.json', 'where $schema of an imported configuration looks for it']],
  });
}

function addImport(program: Command, perform: Perform): void {
  const command = program
    .command('import')
    .summary('make a configuration from that of an MCP client')
    .description(
      'Writes a hostler.yaml that means the same as the configuration of another program: .mcp.json,\nclaude_desktop_config.json, Cursor, VS Code. Prints every command that it will run, in full, and\nwarns of dangerous ones. Read them: they run with your rights.',
    )
    .argument('<file>', 'the configuration of the other program')
    .option('-o, --out <file>', 'where to write; - is standard output', 'hostler.yaml')
    .option('-f, --force', 'overwrite an existing file')
    .action((file: string, flags: ImportFlags, self: Command) =>
      perform(self, async (cli) => {
        const { runImport } = await import('../commands/import.ts');
        return runImport(cli, file, flags);
      }),
    );
  addHelp(command, {
    examples: [
      ['hostler import .mcp.json', 'writes hostler.yaml'],
      ['hostler import ~/.cursor/mcp.json --out -', 'only shows it'],
    ],
  });
}
