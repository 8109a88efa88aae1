import type { Path } from '../path.ts';
import type { Position } from '../problem.ts';

/** Something wrong with a text before anyone asks what the text means. */
export interface Finding {
  readonly position: Position;
  readonly path: Path;
  readonly message: string;
}

/** Tells of something at an offset of the text. */
export type Report = (offset: number, path: Path, message: string) => void;
