import type { Path } from '../path.ts';
import type { ProblemList } from '../problem.ts';
import type { VariableScope } from './fill-in.ts';
import type { PathMap } from './path-map.ts';

/** Everything a translation reads and writes besides the file itself. */
export interface TranslationContext {
  readonly scope: VariableScope;
  /** Contents of the files that `envFile` names, by absolute path; see `envFilePaths`. */
  readonly envFiles: ReadonlyMap<string, string>;
  readonly paths: PathMap;
  readonly problems: ProblemList;
  readonly notes: ProblemList;
  /** Told of each variable whose value now stands in a text, and where. */
  readonly onFilledIn: (path: Path, variable: string) => void;
}
