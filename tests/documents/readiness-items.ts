export interface ReadinessItem {
  readonly name: string;
  readonly holds: string;
  readonly state: string;
  /** Files and folders, relative to the root. */
  readonly paths: readonly string[];
  readonly commands: readonly string[];
}

/** The items of docs/production-readiness.md, from its tables. */
export function readinessItems(text: string): readonly ReadinessItem[] {
  return text
    .split('\n')
    .filter((line) => /^\| [A-Z]\d?-[A-Z]?\d+ \|/.test(line))
    .map((line) => {
      const [name = '', holds = '', state = '', proof = ''] = line
        .slice(1, -1)
        .split('|')
        .map((cell) => cell.trim());
      return {
        name,
        holds,
        state,
        paths: [...proof.matchAll(/\]\(\.\.\/([^)]+)\)/g)].map(([, path = '']) => path),
        commands: [...proof.matchAll(/`([^`]+)`/g)].map(([, command = '']) => command),
      };
    });
}
