/**
 * Blanks the comments of JSONC with spaces, so that every other character keeps its place. JSONC has no official
 * grammar; this is what VS Code reads: `//` to the end of the line and `/ * … * /`, outside of strings.
 */
export function stripComments(text: string): string {
  return text.replaceAll(TOKENS, (token) => (token.startsWith('"') ? token : token.replaceAll(/[^\r\n]/g, ' ')));
}

const TOKENS = /"(?:[^"\\\r\n]|\\.)*"?|\/\/[^\r\n]*|\/\*[\s\S]*?(?:\*\/|$)/g;
