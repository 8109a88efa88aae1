import { isJsonObject } from '@hostler/kernel';
import type { Json, McpRequest } from '@hostler/kernel';
import {
  editObject,
  elementsOf,
  joinElements,
  JsonShapeError,
  memberBytes,
  mirroredArguments,
  parameterHeaders,
  parseBytes,
} from '@hostler/protocol';
import type { MirroredArgument } from '@hostler/protocol';

/** Which arguments of which tools a modern server wants mirrored in headers, as its own lists said last. */
export interface MirroredTools {
  /**
   * Learns from the result of one `tools/list`.
   * @returns it without the tools whose declaration is invalid: a client must not use them
   */
  learn(request: McpRequest, result: Uint8Array): Uint8Array;
  /** Whether the tool that is called was left out of the list. */
  refuses(request: McpRequest): boolean;
  /** The headers of a `tools/call`, names and values in turn. */
  headersFor(request: McpRequest): readonly string[];
}

const MARK = Buffer.from('x-mcp-header');

export function createMirroredTools(): MirroredTools {
  const byTool = new Map<string, readonly MirroredArgument[]>();
  const refused = new Set<string>();

  /** @returns whether the tool may be used */
  function learnTool(tool: Json | undefined): boolean {
    if (!isJsonObject(tool) || typeof tool['name'] !== 'string') return true;
    const mirrored = mirroredArguments(tool['inputSchema']);
    if (mirrored === undefined) refused.add(tool['name']);
    else if (mirrored.length > 0) byTool.set(tool['name'], mirrored);
    return mirrored !== undefined;
  }

  return {
    learn({ params }, result) {
      if (params['cursor'] === undefined) {
        byTool.clear();
        refused.clear();
      }
      // Hardly any server declares one: a search through the bytes spares parsing the list.
      if (!Buffer.from(result.buffer, result.byteOffset, result.byteLength).includes(MARK)) return result;
      try {
        const tools = elementsOf(memberBytes(result, 'tools') ?? EMPTY);
        const usable = tools.filter((tool) => learnTool(parseBytes(tool)));
        return usable.length === tools.length ? result : editObject(result, { set: { tools: joinElements(usable) } });
      } catch (error) {
        // The list goes to its reader as it is, who will say what is wrong with it.
        if (error instanceof JsonShapeError) return result;
        throw error;
      }
    },
    refuses: ({ method, params }) => method === 'tools/call' && refused.has(params['name'] as string),
    headersFor({ params }) {
      const { name } = params;
      const mirrored = typeof name === 'string' ? byTool.get(name) : undefined;
      return mirrored === undefined ? [] : Object.entries(parameterHeaders(mirrored, params['arguments'])).flat();
    },
  };
}

const EMPTY = Buffer.from('[]');
