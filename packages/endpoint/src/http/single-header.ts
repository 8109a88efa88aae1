/** A header that counts only as one value; the HTTP parser has removed the white space around it. */
export function singleHeader(header: string | string[] | undefined): string | undefined {
  return typeof header === 'string' ? header : undefined;
}
