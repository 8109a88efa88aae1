import { basename } from 'node:path';

export interface Command {
  readonly command: string;
  readonly args: readonly string[];
}

export interface Danger {
  readonly severity: 'danger' | 'caution';
  readonly message: string;
}

const SHELLS = new Set(['sh', 'bash', 'zsh', 'dash', 'ksh', 'fish', 'cmd', 'powershell', 'pwsh']);
const ELEVATORS = new Set(['sudo', 'doas', 'su', 'pkexec', 'runas']);
const INTERPRETERS = new Set(['node', 'python', 'python3', 'perl', 'ruby', 'deno', 'bun', 'php']);

/**
 * What a person should look at before a command from somebody else's file runs with their rights. It finds common
 * patterns; that it finds none does not make a command safe.
 */
export function findDangers({ command, args }: Command): Danger[] {
  const line = [command, ...args].join(' ');
  const words = [command, ...args].map(programName);
  const dangers: (Danger | false)[] = [
    words.some((word) => ELEVATORS.has(word)) && danger('runs with the rights of another user (sudo or the like)'),
    runsShell(command, args) && danger('hands a script to a shell: everything in it is executed'),
    /\b(?:curl|wget|iwr|Invoke-WebRequest)\b[^|]*\|\s*(?:\S*\/)?(?:ba|z|da)?sh\b/i.test(line) &&
      danger('downloads a script and executes it'),
    /\b(?:base64\s+(?:-d|-D|--decode)|-enc(?:odedcommand)?\b|eval\b)/i.test(line) &&
      danger('executes text that is built or hidden'),
    /\brm\s+-\w*[rR]\w*f|\brm\s+-\w*f\w*[rR]/.test(line) && danger('deletes files'),
    runsInline(command, args) && danger('executes a program that is written in its arguments'),
    opensContainer(words, args) && danger('gives a container the rights of this machine'),
    fetchesLatest(words, args) && caution('runs whatever the registry serves at that time: no version is pinned'),
  ];
  return dangers.filter((one) => one !== false);
}

function runsShell(command: string, args: readonly string[]): boolean {
  const words = [command, ...args];
  return words.some((word, index) => {
    if (!SHELLS.has(programName(word))) return false;
    return words.slice(index + 1).some((flag) => /^(?:-\w*c|\/c|\/k|-command|-encodedcommand|-enc|-file)$/i.test(flag));
  });
}

function runsInline(command: string, args: readonly string[]): boolean {
  return (
    INTERPRETERS.has(programName(command)) && args.some((flag) => /^(?:-e|--eval|-p|--print|-c|-r|eval)$/.test(flag))
  );
}

function opensContainer(words: readonly string[], args: readonly string[]): boolean {
  if (!words.some((word) => word === 'docker' || word === 'podman' || word === 'nerdctl')) return false;
  return args.some((arg) =>
    /^--privileged|docker\.sock|^--(?:pid|net|network|ipc|userns)=host$|^(?:--volume=|-v=?|--mount=)?\/:|source=\/,/.test(
      arg,
    ),
  );
}

/** `npx pkg` and the like without `@version`; scoped names begin with an `@` of their own. */
function fetchesLatest(words: readonly string[], args: readonly string[]): boolean {
  const runner = words.findIndex((word) => word === 'npx' || word === 'uvx' || word === 'bunx' || word === 'pipx');
  if (runner === -1) return false;
  const wanted = args.slice(runner).find((arg) => !arg.startsWith('-') && arg !== 'run');
  if (wanted === undefined || /^[./]/.test(wanted)) return false;
  return !/.@\d|==\d/.test(wanted);
}

function programName(word: string): string {
  return basename(word.replaceAll('\\', '/'))
    .toLowerCase()
    .replace(/\.(?:exe|cmd|bat)$/, '');
}

function danger(message: string): Danger {
  return { severity: 'danger', message };
}

function caution(message: string): Danger {
  return { severity: 'caution', message };
}
