import type { ChildResources, StdioSpec } from '@hostler/kernel';

/** What is started for a server. */
export interface ChildCommand {
  readonly command: string;
  readonly args: readonly string[];
  /** What went wrong when it exited with this code before it said anything; absent: nothing can be told. */
  readonly explain?: (code: number) => string | undefined;
}

/**
 * Sets the limits and becomes the program, so that its process, its group and its parent are as without them. A fixed
 * text: what is configured comes as positional parameters and is never part of it. Memory is the data of a process
 * (RLIMIT_DATA, which counts what it can write to): runtimes such as V8 reserve far more addresses than they use. Out of
 * CPU time, it gets SIGXCPU first and SIGKILL five seconds later. Source: POSIX, ulimit; setrlimit(2).
 */
const SCRIPT = `
if [ -n "$1" ]; then ulimit -d "$1" 2>/dev/null || exit 91; fi
if [ -n "$2" ]; then ulimit -S -t "$2" 2>/dev/null && ulimit -H -t "$3" 2>/dev/null || exit 92; fi
if [ -n "$4" ]; then ulimit -n "$4" 2>/dev/null || exit 93; fi
shift 4
exec "$@"
`;

/** Seconds between the signal that asks a process to end and the one that ends it. */
const CPU_GRACE = 5;

/** The server's own command, or the shell that sets its limits first. Windows has no such limits. */
export function limitedCommand(transport: StdioSpec, platform: NodeJS.Platform = process.platform): ChildCommand {
  const { command, args, resources } = transport;
  if (platform === 'win32' || resources === undefined || Object.keys(resources).length === 0) return { command, args };
  return {
    command: '/bin/sh',
    args: ['-c', SCRIPT, 'sh', ...limitsOf(resources), command, ...args],
    explain: (code) => explain(code, JSON.stringify(command)),
  };
}

/** An empty text stands for no limit. Memory in units of 1,024 bytes. */
function limitsOf({ memory, cpu, openFiles }: ChildResources): string[] {
  const text = (value: number | undefined): string => (value === undefined ? '' : String(Math.ceil(value)));
  return [
    text(memory === undefined ? undefined : memory / 1_024),
    text(cpu),
    text(cpu === undefined ? undefined : cpu + CPU_GRACE),
    text(openFiles),
  ];
}

/** 126 and 127 are the shell's own. Source: POSIX, shell command language (exit status). */
function explain(code: number, command: string): string | undefined {
  const refused = (what: string): string =>
    `The system refuses its limit of ${what}: it is above what this user may set.`;
  switch (code) {
    case 91:
      return refused('memory');
    case 92:
      return refused('CPU time');
    case 93:
      return refused('open files');
    case 126:
      return `Its command ${command} may not be executed: check its permissions.`;
    case 127:
      return `Its command ${command} was not found: install it or give its full path.`;
    default:
      return undefined;
  }
}
