import { fileURLToPath } from 'node:url';
import { isJsonObject } from '@hostler/kernel';
import type { Json, JsonObject, McpRequest, RootSpec, UpstreamSpec } from '@hostler/kernel';
import { isFileUri, readFileUri, readPath } from './path-readings.ts';
import { pathValues } from './path-values.ts';
import { isInside, realPathOf } from './real-path.ts';
import { rootsErrors } from './roots-errors.ts';

export type PathArguments = NonNullable<UpstreamSpec['pathArguments']>;

/** The folders that a server may use: what it is told of them, and whether a request keeps within them. */
export interface ServerRoots {
  /** The answer to `roots/list`. */
  answer(): JsonObject;
  /**
   * Checks the paths of a request; undefined when it names none.
   * @throws ROOTS_OUTSIDE, by the promise
   */
  check(request: McpRequest): Promise<void> | undefined;
  allowsResource(uri: string): Promise<boolean>;
  /** @returns whether the server has to be told */
  replace(roots: readonly RootSpec[], pathArguments: PathArguments): boolean;
}

/** Undefined for a server without configured roots: nothing of it is checked. */
export function createServerRoots(spec: UpstreamSpec): ServerRoots | undefined {
  if (spec.roots === undefined) return undefined;
  const cwd = spec.transport.kind === 'stdio' ? spec.transport.cwd : undefined;
  let { roots: current, pathArguments = {} } = spec;

  const outside = (argument: string): Error => rootsErrors.OUTSIDE({ details: { server: spec.name, argument } });
  const allows = (text: string): Promise<boolean> =>
    holds(current, isFileUri(text) ? readFileUri(text) : readPath(text, cwd));

  async function checkPaths(argument: string, values: readonly string[]): Promise<void> {
    for (const value of values) {
      // oxlint-disable-next-line no-await-in-loop -- a request holds few paths, and a thousand at once would be an attack
      if (!(await allows(value))) throw outside(argument);
    }
  }

  async function checkArguments(names: readonly string[], values: Json): Promise<void> {
    for (const name of names) {
      const paths = isJsonObject(values) ? pathValues(values, name) : undefined;
      if (paths === undefined) throw outside(name);
      // oxlint-disable-next-line no-await-in-loop -- see above
      await checkPaths(name, paths);
    }
  }

  return {
    answer: () => ({ roots: current.map((root) => ({ ...root })) }),
    allowsResource: (uri) => (mayBeFile(uri) ? allows(uri) : Promise.resolve(true)),
    check({ method, params }) {
      if (method === 'tools/call') {
        const names = namesFor(pathArguments, params['name']);
        const values = params['arguments'];
        return names.length === 0 || values === undefined ? undefined : checkArguments(names, values);
      }
      if (method !== 'resources/read' && method !== 'resources/subscribe') return undefined;
      const { uri } = params;
      return typeof uri === 'string' && mayBeFile(uri) ? checkPaths('uri', [uri]) : undefined;
    },
    replace(next, nextArguments) {
      const isNews = JSON.stringify(next) !== JSON.stringify(current);
      current = next;
      pathArguments = nextArguments;
      return isNews;
    },
  };
}

function namesFor(pathArguments: PathArguments, tool: unknown): readonly string[] {
  const own = typeof tool === 'string' && Object.hasOwn(pathArguments, tool) ? (pathArguments[tool] ?? []) : [];
  const common = pathArguments['*'] ?? [];
  return common.length === 0 || tool === '*' ? own : [...common, ...own];
}

/** A URI of another scheme is no path. What is no URI at all may be one. */
function mayBeFile(uri: string): boolean {
  return !URL.canParse(uri) || isFileUri(uri);
}

/** Whether all readings of a path lie in one of the folders, by where they really lead. */
async function holds(roots: readonly RootSpec[], readings: ReadonlySet<string> | undefined): Promise<boolean> {
  if (readings === undefined) return false;
  const folders = await Promise.all(roots.map(({ uri }) => realPathOf(fileURLToPath(uri))));
  const paths = await Promise.all([...readings].map((path) => realPathOf(path)));
  return paths.every(
    (path) => path !== undefined && folders.some((folder) => folder !== undefined && isInside(path, folder)),
  );
}
