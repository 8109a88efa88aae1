/** A place to search in: text, or bytes of which each counts as one character. */
export type Haystack = string | Uint8Array;

/** What a search may still spend on comparing, so that no text can make it slow. */
export interface Work {
  left: number;
}

/** Patterns that begin with `label`, seen from the branch before; those that are equal so far share it. */
export interface Branch {
  label: string;
  /** The pattern that ends here. */
  pattern: string | undefined;
  next: Map<number, Branch> | undefined;
}

export function createTree(pattern: string, label = pattern): Branch {
  return { label, pattern, next: undefined };
}

export function addToTree(root: Branch, pattern: string): void {
  let branch = root;
  let at = 0;
  for (;;) {
    const common = equalLength(pattern, at, branch.label);
    if (common < branch.label.length) splitBranch(branch, common);
    at += common;
    if (at === pattern.length) {
      branch.pattern = pattern;
      return;
    }
    const code = pattern.charCodeAt(at);
    const next = branch.next?.get(code);
    if (next === undefined) {
      branch.next ??= new Map();
      branch.next.set(code, createTree(pattern, pattern.slice(at)));
      return;
    }
    branch = next;
  }
}

/** Takes a pattern out that is in the tree. False when nothing is left. */
export function deleteFromTree(root: Branch, pattern: string): boolean {
  const path: Branch[] = [];
  let at = 0;
  for (let branch: Branch | undefined = root; branch !== undefined; branch = branch.next?.get(pattern.charCodeAt(at))) {
    path.push(branch);
    at += branch.label.length;
    if (at >= pattern.length) break;
  }
  const last = path.at(-1);
  if (last?.pattern !== pattern) return true;
  last.pattern = undefined;
  for (let depth = path.length - 1; depth >= 0; depth -= 1) tidyBranch(path[depth] as Branch, path[depth - 1]);
  return root.pattern !== undefined || root.next !== undefined;
}

/** The longest pattern that stands at `start`. */
export function longestAt(root: Branch, text: Haystack, start: number, work: Work): string | undefined {
  let found: string | undefined;
  let at = start;
  for (let branch: Branch | undefined = root; branch !== undefined; branch = branch.next?.get(codeAt(text, at))) {
    const equal = equalLength(text, at, branch.label);
    work.left -= equal;
    if (equal < branch.label.length) break;
    at += equal;
    found = branch.pattern ?? found;
    if (at === text.length) break;
  }
  return found;
}

/** Whether all the text from `start` is the beginning of a longer pattern. */
export function isOpenAt(root: Branch, text: string, start: number, work: Work): boolean {
  let at = start;
  for (let branch: Branch | undefined = root; branch !== undefined; branch = branch.next?.get(text.charCodeAt(at))) {
    const equal = equalLength(text, at, branch.label);
    work.left -= equal;
    at += equal;
    if (at === text.length) return equal < branch.label.length || branch.next !== undefined;
    if (equal < branch.label.length) return false;
  }
  return false;
}

function splitBranch(branch: Branch, at: number): void {
  const rest: Branch = { label: branch.label.slice(at), pattern: branch.pattern, next: branch.next };
  branch.label = branch.label.slice(0, at);
  branch.pattern = undefined;
  branch.next = new Map([[rest.label.charCodeAt(0), rest]]);
}

/** Removes a branch at which nothing ends and from which nothing goes on, and joins one with the only one after it. */
function tidyBranch(branch: Branch, parent: Branch | undefined): void {
  if (branch.pattern !== undefined) return;
  if (branch.next === undefined) {
    if (parent?.next === undefined) return;
    parent.next.delete(branch.label.charCodeAt(0));
    if (parent.next.size === 0) parent.next = undefined;
    return;
  }
  if (branch.next.size > 1) return;
  for (const only of branch.next.values()) {
    branch.label += only.label;
    branch.pattern = only.pattern;
    branch.next = only.next;
  }
}

function equalLength(text: Haystack, start: number, label: string): number {
  const most = Math.min(label.length, text.length - start);
  let length = 0;
  while (length < most && codeAt(text, start + length) === label.charCodeAt(length)) length += 1;
  return length;
}

function codeAt(text: Haystack, at: number): number {
  return typeof text === 'string' ? text.charCodeAt(at) : (text[at] as number);
}
