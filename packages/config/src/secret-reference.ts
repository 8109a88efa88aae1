/** Schemes that only a secret has: as plain text they would reach a program as they are, which nobody wants. */
const SECRET_SCHEMES = ['env', 'gcp', 'aws', 'vault', 'local'];

const WHOLE = new RegExp(`^(?:${SECRET_SCHEMES.join('|')})://\\S+$`);

/** Schemes of addresses and files, which have every right to stand in a text. */
const COMMON_SCHEMES: ReadonlySet<string> = new Set(['file', 'http', 'https', 'ws', 'wss']);

export const NO_REFERENCE = 'must be a secret reference: scheme://rest, such as env://NAME';

export const REFERENCE = /^[a-z][a-z0-9-]*:\/\/[^\s\0]+$/;

/** Whether a text is nothing but a reference, and so was meant as one. */
export function isBareReference(text: string): boolean {
  return WHOLE.test(text);
}

export function schemeOf(reference: string): string {
  return reference.slice(0, Math.max(0, reference.indexOf('://')));
}

/** Finds references in texts: of the known schemes, and of those of `references`, which other providers read. */
export function referencePattern(references: Iterable<string>): RegExp {
  const others = [...references].map(schemeOf).filter((scheme) => /^[a-z][a-z0-9-]*$/.test(scheme));
  const schemes = new Set([...SECRET_SCHEMES, ...others].filter((scheme) => !COMMON_SCHEMES.has(scheme)));
  return new RegExp(`(?<![A-Za-z0-9+.-])(?:${[...schemes].join('|')})://\\S`);
}

/** What a reference must look like for the schemes that need no package. */
const GRAMMARS: Readonly<Record<string, { readonly path: RegExp; readonly words: string }>> = {
  env: {
    path: /^[A-Za-z_][A-Za-z0-9_]*$/,
    words: 'env:// is followed by the name of a variable: letters, digits and _, and no digit first',
  },
  file: {
    path: /^(?:\/|\.\.?\/)./,
    words: 'file:// is followed by a path: file:///run/secrets/name, or file://./name beside this file',
  },
  local: {
    path: /^[A-Za-z0-9_][A-Za-z0-9_./-]{0,127}$/,
    words: 'local:// is followed by a name of up to 128 letters, digits, _, -, . and /, such as local://github/token',
  },
};

/** Why a reference can name nothing. It is never repeated: it may be a secret that was written in the wrong place. */
export function faultOf(reference: string): string | undefined {
  const scheme = schemeOf(reference);
  const grammar = Object.hasOwn(GRAMMARS, scheme) ? GRAMMARS[scheme] : undefined;
  const path = reference.slice(scheme.length + 3).split('#', 1)[0] ?? '';
  return grammar === undefined || grammar.path.test(path) ? undefined : grammar.words;
}
