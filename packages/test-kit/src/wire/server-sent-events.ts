/** One event of a stream as it was on the wire; HTML, "Server-sent events". */
export interface ServerSentEvent {
  readonly event?: string;
  readonly id?: string;
  readonly retry?: number;
  readonly data?: string;
  /** Lines that begin with a colon; servers keep connections alive with them. */
  readonly comments?: readonly string[];
}

/** Cuts a stream into events. Shows everything, also what a client would skip: tests judge the wire. */
export function createEventParser(): (chunk: string) => readonly ServerSentEvent[] {
  let rest = '';
  return (chunk) => {
    rest += chunk;
    const blocks = rest.split(/\r\n\r\n|\n\n|\r\r/);
    rest = blocks.pop() ?? '';
    return blocks.map(parseBlock);
  };
}

function parseBlock(block: string): ServerSentEvent {
  const fields = block.split(/\r\n|\n|\r/).map(parseField);
  const valuesOf = (name: string): readonly string[] =>
    fields.filter((field) => field.name === name).map((field) => field.value);
  const [event, id, retry] = ['event', 'id', 'retry'].map((name) => valuesOf(name).at(-1));
  const [data, comments] = [valuesOf('data'), valuesOf('')];
  return {
    ...(event !== undefined && { event }),
    ...(id !== undefined && { id }),
    ...(retry !== undefined && { retry: Number(retry) }),
    ...(data.length > 0 && { data: data.join('\n') }),
    ...(comments.length > 0 && { comments }),
  };
}

function parseField(line: string): { readonly name: string; readonly value: string } {
  const colon = line.indexOf(':');
  if (colon === -1) return { name: line, value: '' };
  return { name: line.slice(0, colon), value: line.slice(colon + 1).replace(/^ /, '') };
}
