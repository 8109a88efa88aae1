import type { UpstreamState } from '@hostler/upstream';
import { DEFAULT_COLUMNS } from '../output.ts';
import type { Output, Style } from '../output.ts';
import { printableLine } from './printable.ts';
import { shorten } from './table.ts';

export interface Progress {
  readonly update: (state: UpstreamState) => void;
  /** Writes a line of something else without breaking the block. */
  readonly write: (line: string) => void;
  /** Takes the block away, for good. */
  readonly finish: () => void;
}

/** For whom nobody watches, or something else tells. */
export const noProgress: Progress = { update() {}, write() {}, finish() {} };

/** The block is redrawn by moving up: one that does not fit on the screen cannot be. */
const MAX_BLOCK = 16;

/** Servers on their way up: one block that changes in place on a terminal, elsewhere one line a change. */
export function createProgress(output: Output, names: readonly string[]): Progress {
  return output.progress !== undefined && names.length <= MAX_BLOCK
    ? createBlock(output, output.progress, names)
    : createLines(output);
}

function createLines(output: Output): Progress {
  const isNews = createNewsFilter();
  return {
    update(state) {
      if (isNews(state)) output.note(`${state.name}: ${describeState(state)}`);
    },
    write: (line) => output.warn(line),
    finish: () => undefined,
  };
}

/** Whether a state says more of its server than the last one did: being started again, in vain again, is no news. */
export function createNewsFilter(): (state: UpstreamState) => boolean {
  const last = new Map<string, string>();
  return (state) => {
    const text = state.status === 'up' ? 'up' : describeState(state);
    if (last.get(state.name) === text || (state.status === 'starting' && last.has(state.name))) return false;
    last.set(state.name, text);
    return true;
  };
}

function createBlock(output: Output, terminal: NonNullable<Output['progress']>, names: readonly string[]): Progress {
  const states = new Map<string, UpstreamState>();
  const widest = Math.max(0, ...names.map(({ length }) => length));
  let height = 0;
  let isFinished = false;

  function clear(): void {
    // CSI n A: up n lines; CSI J: erase to the end of the screen (ECMA-48, 8.3.22 and 8.3.39).
    if (height > 0) terminal.write(`\u001b[${height}A\u001b[J`);
    height = 0;
  }

  function draw(): void {
    clear();
    if (isFinished) return;
    for (const name of names)
      terminal.write(`${blockLine(output, name.padEnd(widest), states.get(name), terminal.columns())}\n`);
    height = names.length;
  }

  draw();
  return {
    update(state) {
      states.set(state.name, state);
      draw();
    },
    write(line) {
      clear();
      output.warn(line);
      draw();
    },
    finish() {
      clear();
      isFinished = true;
    },
  };
}

const MARKS: Readonly<Record<UpstreamState['status'], readonly [mark: string, style: Style]>> = {
  starting: ['…', 'dim'],
  up: ['✓', 'green'],
  down: ['✗', 'red'],
  blocked: ['!', 'yellow'],
};

function blockLine(
  output: Output,
  name: string,
  state: UpstreamState | undefined,
  columns: number | undefined,
): string {
  const [mark, style] = MARKS[state?.status ?? 'starting'];
  const text = state === undefined ? 'starting' : describeState(state);
  // A line that wraps would be two lines when the block is erased.
  return `  ${output.paintNote(style, mark)} ${shorten(`${name}  ${text}`, (columns || DEFAULT_COLUMNS) - 5)}`;
}

/** What became of a server, in a few words. */
export function describeState({ status, server, startedIn, problem }: UpstreamState): string {
  if (status === 'up') {
    const facts = [server?.era, startedIn === undefined ? undefined : `${Math.round(startedIn)} ms`];
    return `up (${facts.filter((fact) => fact !== undefined).join(', ')})`;
  }
  return problem === undefined ? status : `${status}: ${printableLine(problem)}`;
}
