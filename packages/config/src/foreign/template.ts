/** A variable as the four syntaxes of other programs write it. */
export type Variable =
  /** `${NAME}`, `${NAME:-default}` (Claude Code), `${env:NAME}` (VS Code, Cursor). */
  | { readonly kind: 'environment'; readonly name: string; readonly fallback?: string }
  /** `${input:id}` (VS Code). */
  | { readonly kind: 'input'; readonly id: string }
  /** `${workspaceFolder}` and its like (VS Code, Cursor). */
  | { readonly kind: 'folder'; readonly name: FolderVariable }
  | { readonly kind: 'unknown' };

export type FolderVariable = 'workspaceFolder' | 'workspaceFolderBasename' | 'userHome' | 'pathSeparator';

export type TemplatePart = string | Variable;

const FOLDER_VARIABLES: Readonly<Record<string, FolderVariable>> = {
  workspaceFolder: 'workspaceFolder',
  workspaceFolderBasename: 'workspaceFolderBasename',
  userHome: 'userHome',
  pathSeparator: 'pathSeparator',
  '/': 'pathSeparator',
};

/** Splits a text into what stands as it is and what must be filled in. */
export function parseTemplate(text: string): readonly TemplatePart[] {
  const parts: TemplatePart[] = [];
  let end = 0;
  for (const match of text.matchAll(/\$\{([^}]*)\}/g)) {
    if (match.index > end) parts.push(text.slice(end, match.index));
    parts.push(parseVariable(match[1] ?? ''));
    end = match.index + match[0].length;
  }
  if (end < text.length) parts.push(text.slice(end));
  return parts;
}

function parseVariable(source: string): Variable {
  const folder = Object.hasOwn(FOLDER_VARIABLES, source) ? FOLDER_VARIABLES[source] : undefined;
  if (folder !== undefined) return { kind: 'folder', name: folder };
  const input = /^input:(.+)$/.exec(source)?.[1];
  if (input !== undefined) return { kind: 'input', id: input };
  const [, name, fallback] = /^(?:env:)?([A-Za-z_][A-Za-z0-9_]*)(?::-(.*))?$/s.exec(source) ?? [];
  if (name === undefined) return { kind: 'unknown' };
  return { kind: 'environment', name, ...(fallback !== undefined && { fallback }) };
}
