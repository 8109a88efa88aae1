import { dirname, extname } from 'node:path';
import { readDocument } from './document/document.ts';
import type { ConfigDocument, Syntax } from './document/document.ts';
import { configErrors } from './errors.ts';
import { detectFormat } from './foreign/detect-format.ts';
import type { ConfigFormat } from './foreign/detect-format.ts';
import { PathMap } from './foreign/path-map.ts';
import type { Foreign } from './foreign/translate.ts';
import type { Path } from './path.ts';
import { noteVariableNames } from './plan/check-environment.ts';
import { checkText } from './plan/check-text.ts';
import { checkVault } from './plan/check-vault.ts';
import type { HostPlan } from './plan/host-plan.ts';
import { noteConsumers } from './plan/note-consumers.ts';
import { noteLiteralSecrets } from './plan/note-literal-secrets.ts';
import { notePersonal } from './plan/note-personal.ts';
import { buildPlan, checkConfig } from './plan/to-plan.ts';
import { ProblemList } from './problem.ts';
import type { ConfigProblem } from './problem.ts';
import type { CheckedConfig } from './schema/config-file.ts';

/** What a configuration may refer to besides itself; only foreign formats do. */
export interface ConfigContext {
  /** Variables for `${NAME}` in command lines, URLs and defaults. Nothing by default. */
  readonly environment?: Readonly<Record<string, string | undefined>>;
  /** Contents of the files named by `envFile`, by absolute path. */
  readonly envFiles?: ReadonlyMap<string, string>;
  /** Milliseconds since 1970, for what expires; the present by default. */
  readonly now?: number;
}

export interface LoadedConfig {
  readonly plan: HostPlan;
  /** What a person should know although it stops nothing. */
  readonly notes: readonly ConfigProblem[];
  readonly format: ConfigFormat;
}

/** A configuration text with the name of its file, read but not yet understood. */
export interface ConfigSource {
  readonly file: string;
  readonly format: ConfigFormat;
  readonly document: ConfigDocument;
}

/** A source that has no problem. */
export interface CheckedSource {
  readonly config: CheckedConfig;
  /** What was checked: our own format, without defaults. */
  readonly value: unknown;
  /** Where relative paths start. */
  readonly folder: string;
  readonly notes: ProblemList;
  /** Variables whose values now stand in texts, with the paths of these texts. */
  readonly filledIn: readonly { readonly path: Path; readonly variable: string }[];
  readonly toFilePath: (path: Path) => Path;
}

export function toLoadedConfig({ file, format }: ConfigSource, checked: CheckedSource): LoadedConfig {
  const plan = buildPlan(checked.config, { source: file, folder: checked.folder, written: checked.value });
  return { plan, notes: checked.notes.toArray(), format };
}

export function openSource(text: string, file: string): ConfigSource {
  const document = readDocument(text, syntaxOf(file));
  return { file, document, format: detectFormat(document.value, file) };
}

/**
 * @param foreign what reads the file of another program; absent: the file is one of ours
 * @throws CONFIG_INVALID
 */
export function checkSource(source: ConfigSource, context: ConfigContext, foreign: Foreign | undefined): CheckedSource {
  const { file, document } = source;
  const paths = new PathMap();
  const toFilePath = (path: Path): Path => paths.toFilePath(path);
  const problems = new ProblemList(file, document.locate, toFilePath);
  const notes = new ProblemList(file, document.locate, toFilePath);
  for (const { position, path, message } of document.findings) problems.addAt(position, path, message);
  if (document.value === undefined) problems.throwIfAny();

  const filledIn: { path: Path; variable: string }[] = [];
  let value = document.value ?? null;
  let folder = dirname(file);
  if (foreign === undefined) {
    checkText(value, problems);
  } else {
    const onFilledIn = (path: Path, variable: string): unknown => filledIn.push({ path, variable });
    const envFiles = context.envFiles ?? new Map<string, string>();
    const { scope } = foreign;
    value = foreign.translate(value, { scope, envFiles, paths, problems, notes, onFilledIn });
    folder = scope.workspaceFolder;
  }
  const config = checkConfig(value, folder, problems);
  checkVault(config, value, problems);
  problems.throwIfAny();
  noteLiteralSecrets(config, notes, toFilePath);
  notePersonal(config, notes);
  noteVariableNames(config, notes);
  noteConsumers(config, context.now ?? Date.now(), notes);
  return { config, value, folder, notes, filledIn, toFilePath };
}

export function syntaxOf(file: string): Syntax {
  switch (extname(file).toLowerCase()) {
    case '.yaml':
    case '.yml':
      return 'yaml';
    case '.json':
    case '.jsonc':
      return 'json';
    default:
      throw configErrors.UNREADABLE({
        details: { file, reason: 'its name must end in .yaml, .yml, .json or .jsonc' },
      });
  }
}
