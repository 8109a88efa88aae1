import { isJsonObject } from '@hostler/kernel';
import type { Json, McpRequest } from '@hostler/kernel';
import { mirroredArguments, parameterHeaders } from '@hostler/protocol';
import type { MirroredArgument } from '@hostler/protocol';

/** Which arguments of which tools a modern server wants mirrored in headers, as its own lists said last. */
export interface MirroredTools {
  /** Learns from the result of one `tools/list`. */
  learn(request: McpRequest, result: Uint8Array): void;
  /** The headers of a `tools/call`, names and values in turn. */
  headersFor(request: McpRequest): readonly string[];
}

const MARK = Buffer.from('x-mcp-header');

export function createMirroredTools(): MirroredTools {
  const byTool = new Map<string, readonly MirroredArgument[]>();

  return {
    learn({ params }, result) {
      if (params['cursor'] === undefined) byTool.clear();
      // Hardly any server declares one: a search through the bytes spares parsing the list.
      if (!Buffer.from(result.buffer, result.byteOffset, result.byteLength).includes(MARK)) return;
      for (const tool of toolsOf(result)) {
        if (!isJsonObject(tool) || typeof tool['name'] !== 'string') continue;
        const mirrored = mirroredArguments(tool['inputSchema']);
        if (mirrored !== undefined && mirrored.length > 0) byTool.set(tool['name'], mirrored);
      }
    },
    headersFor({ params }) {
      const { name } = params;
      const mirrored = typeof name === 'string' ? byTool.get(name) : undefined;
      return mirrored === undefined ? [] : Object.entries(parameterHeaders(mirrored, params['arguments'])).flat();
    },
  };
}

function toolsOf(result: Uint8Array): readonly Json[] {
  try {
    const value = JSON.parse(Buffer.from(result).toString('utf8')) as Json;
    const tools = isJsonObject(value) ? value['tools'] : undefined;
    return Array.isArray(tools) ? (tools as readonly Json[]) : [];
  } catch {
    // The list goes to its reader as it is, who will say what is wrong with it.
    return [];
  }
}
