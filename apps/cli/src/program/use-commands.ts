import { Option } from 'commander';
import type { Command } from 'commander';
import type { CallOptions } from '../commands/call.ts';
import type { WhyFlags } from '../commands/why.ts';
import type { PromptOptions, PromptsOptions } from '../commands/prompts.ts';
import { addHelp } from './help.ts';
import type { Perform } from './create-program.ts';

/** `tools`, `call`, `prompts` and `resources`: what uses the servers. Each starts them, works, and stops them. */
export function addUseCommands(program: Command, perform: Perform): void {
  addTools(program, perform);
  addCall(program, perform);
  addPrompts(program, perform);
  addResources(program, perform);
  addWhy(program, perform);
}

function addTools(program: Command, perform: Perform): void {
  const tools = program
    .command('tools')
    .summary('list the tools, or show one')
    .description('Lists the tools of all servers, or shows one with its arguments.')
    .argument('[tool]', 'the name of a tool')
    .addOption(serverOption())
    .addOption(asOption())
    .addOption(bundleOption())
    .action((tool: string | undefined, flags: PromptsOptions, command: Command) =>
      perform(command, async (cli) => {
        const { runTools } = await import('../commands/tools.ts');
        return runTools(cli, tool, flags);
      }),
    );
  addHelp(tools, {
    examples: [
      ['hostler tools', 'all tools'],
      ['hostler tools everything__echo', 'one, with its arguments'],
      ['hostler tools --server memory --json', 'the definitions of one server'],
      ['hostler tools --as ci', 'what the consumer ci sees'],
      ['hostler tools --as ci --bundle review', 'what it sees at /bundles/review/mcp'],
    ],
  });
}

function addCall(program: Command, perform: Perform): void {
  const call = program
    .command('call')
    .summary('call a tool')
    .description(
      'Calls a tool and prints its result. The tool decides how a value is read: text stays text, anything\nelse is JSON.',
    )
    .argument('<tool>', 'the name of a tool')
    .addOption(argumentOption())
    .option('--args <json>', 'all arguments as a JSON object; - reads standard input')
    .addOption(serverOption())
    .addOption(asOption())
    .addOption(bundleOption())
    .action((tool: string, flags: CallOptions, command: Command) =>
      perform(command, async (cli) => {
        const { runCall } = await import('../commands/call.ts');
        return runCall(cli, tool, flags);
      }),
    );
  addHelp(call, {
    about: ['Exit code 3: the server is not up, 4: the call failed, 5: there is no such tool.'],
    examples: [
      ['hostler call everything__echo --arg message=hello', 'text'],
      ['hostler call everything__get-sum --arg a=2 --arg b=3', 'numbers'],
      ['hostler call get-sum --server everything --args \'{"a":2,"b":3}\'', 'one server, JSON'],
    ],
  });
}

function addPrompts(program: Command, perform: Perform): void {
  const prompts = program
    .command('prompts')
    .summary('list the prompts, or get one')
    .description('Lists the prompts of all servers.')
    .addOption(serverOption())
    .addOption(asOption())
    .addOption(bundleOption())
    .action((flags: PromptsOptions, command: Command) =>
      perform(command, async (cli) => {
        const { runPrompts } = await import('../commands/prompts.ts');
        return runPrompts(cli, flags);
      }),
    );
  const get = prompts
    .command('get')
    .summary('print the messages of a prompt')
    .description('Prints the messages of a prompt.')
    .argument('<prompt>', 'the name of a prompt')
    .addOption(argumentOption())
    .action((prompt: string, _flags: object, command: Command) =>
      perform(command, async (cli) => {
        const { runPromptsGet } = await import('../commands/prompts.ts');
        return runPromptsGet(cli, prompt, command.optsWithGlobals<PromptOptions>());
      }),
    );
  addHelp(prompts, {
    examples: [
      ['hostler prompts', 'all prompts'],
      ['hostler prompts get everything__simple-prompt', 'one'],
    ],
  });
  addHelp(get, { examples: [['hostler prompts get everything__args-prompt --arg city=Oslo', 'with an argument']] });
}

function addResources(program: Command, perform: Perform): void {
  const resources = program
    .command('resources')
    .summary('list the resources, or read one')
    .description('Lists the resources and resource templates of all servers.')
    .addOption(serverOption())
    .addOption(asOption())
    .addOption(bundleOption())
    .action((flags: PromptsOptions, command: Command) =>
      perform(command, async (cli) => {
        const { runResources } = await import('../commands/resources.ts');
        return runResources(cli, flags);
      }),
    );
  const read = resources
    .command('read')
    .summary('print a resource')
    .description('Prints a resource. A single binary one goes out as it is, unless standard output is a terminal.')
    .argument('<uri>', 'the URI of a resource')
    .action((uri: string, _flags: object, command: Command) =>
      perform(command, async (cli) => {
        const { runResourcesRead } = await import('../commands/resources.ts');
        return runResourcesRead(cli, uri, command.optsWithGlobals<PromptsOptions>());
      }),
    );
  addHelp(resources, {
    examples: [
      ['hostler resources', 'all resources'],
      ['hostler resources read demo://resource/static/document/features.md', 'one'],
    ],
  });
  addHelp(read, { examples: [['hostler resources read memory://knowledge-graph --json', 'with its type']] });
}

function addWhy(program: Command, perform: Perform): void {
  const why = program
    .command('why')
    .summary('tell why a consumer sees something, or does not')
    .description(
      'Names the rule of the configuration that lets a consumer see a tool, prompt or resource, or hides it\nfrom it. Starts nothing.',
    )
    .argument('<name>', 'server__tool, or kind:server/name as in a pattern')
    .requiredOption('--as <consumer>', 'whose rules')
    .option('--bundle <name>', 'through that bundle')
    .action((name: string, flags: WhyFlags, command: Command) =>
      perform(command, async (cli) => {
        const { runWhy } = await import('../commands/why.ts');
        return runWhy(cli, name, flags);
      }),
    );
  addHelp(why, {
    about: ['Exit code 0: it is allowed, 5: it is hidden.'],
    examples: [
      ['hostler why github__create_issue --as ci', 'a tool'],
      ['hostler why resource:files/file:///etc/hosts --as ci', 'a resource'],
      ['hostler why github__create_issue --as ci --bundle review', 'through a bundle'],
    ],
  });
}

function asOption(): Option {
  return new Option('--as <consumer>', 'with what that consumer may see (default: everything)');
}

function bundleOption(): Option {
  return new Option('--bundle <name>', 'through that bundle').conflicts('server');
}

function serverOption(): Option {
  return new Option('-s, --server <name>', 'one server, under its own names');
}

function argumentOption(): Option {
  const collect = (pair: string, pairs: readonly string[] = []): readonly string[] => [...pairs, pair];
  return new Option('-a, --arg <key=value>', 'an argument; may be repeated').argParser(collect);
}
