/**
 * The same text in one piece, for what is kept and put into other texts again and again. The engine holds what was put
 * together as a tree of its pieces, and walks through it each time it writes a text that holds it.
 * @param text well-formed
 */
export function inOnePiece(text: string): string {
  return Buffer.from(text).toString();
}
