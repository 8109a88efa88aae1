import type { Argument, Command, Option } from 'commander';

/** A command as a completion script needs to know it. */
export interface CommandNode {
  readonly name: string;
  readonly description: string;
  readonly options: readonly OptionNode[];
  readonly values: readonly ValueNode[];
  readonly commands: readonly CommandNode[];
}

export interface OptionNode {
  /** Such as `--port` and `-h`. */
  readonly flags: readonly string[];
  readonly description: string;
  /** Absent for a switch. */
  readonly value?: ValueNode;
}

export interface ValueNode {
  /** What completes it: one of these words, a configuration file, any file, or nothing that is known. */
  readonly kind: 'words' | 'config' | 'file' | 'free';
  readonly words: readonly string[];
}

/** The tree of a commander program, with the options of the program at every command. */
export function toCommandTree(program: Command): CommandNode {
  return toNode(program, []);
}

function toNode(command: Command, inherited: readonly OptionNode[]): CommandNode {
  const help = command.createHelp();
  const own = help.visibleOptions(command).map(toOption);
  const shared = command.parent === null ? own.filter(({ flags }) => !flags.includes('--version')) : inherited;
  return {
    name: command.name(),
    description: command.summary() || command.description(),
    options: command.parent === null ? own : [...own, ...inherited.filter((option) => !isIn(own, option))],
    values: command.registeredArguments.map(toValue),
    commands: help
      .visibleCommands(command)
      .filter((child) => child.name() !== 'help')
      .map((child) => toNode(child, shared)),
  };
}

function isIn(options: readonly OptionNode[], { flags }: OptionNode): boolean {
  return options.some((option) => option.flags.some((flag) => flags.includes(flag)));
}

function toOption({ long, short, description, required, optional, argChoices, flags }: Option): OptionNode {
  const placeholder = /[<[]([^>\]]+)/.exec(flags)?.[1] ?? '';
  return {
    flags: [long, short].filter((flag) => flag !== undefined),
    description,
    ...((required || optional) && { value: valueOf(placeholder, argChoices) }),
  };
}

function toValue(argument: Argument): ValueNode {
  return valueOf(argument.name(), argument.argChoices);
}

function valueOf(placeholder: string, words: readonly string[] | undefined): ValueNode {
  if (words !== undefined) return { kind: 'words', words };
  if (placeholder === 'config') return { kind: 'config', words: [] };
  return { kind: placeholder === 'file' ? 'file' : 'free', words: [] };
}
