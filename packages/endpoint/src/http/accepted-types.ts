/** The forms of an answer that a client takes. */
export interface AcceptedTypes {
  readonly json: boolean;
  readonly stream: boolean;
}

const BOTH: AcceptedTypes = { json: true, stream: true };

/**
 * Reads an `Accept` header. MCP clients must accept both forms; one that takes only one of them is served in that one,
 * and no header at all means anything goes (RFC 9110, 12.5.1).
 */
export function acceptedTypes(header: string | undefined): AcceptedTypes {
  if (header === undefined || header === 'application/json, text/event-stream') return BOTH;
  let json = false;
  let stream = false;
  for (const range of header.toLowerCase().split(',')) {
    const [type = '', ...parameters] = range.split(';').map((part) => part.trim());
    if (parameters.some((parameter) => /^q=0(?:\.0*)?$/.test(parameter))) continue;
    if (type === '*/*' || type === 'application/*' || type === 'application/json') json = true;
    if (type === '*/*' || type === 'text/*' || type === 'text/event-stream') stream = true;
  }
  return { json, stream };
}
