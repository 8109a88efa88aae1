import { isJsonObject } from '@hostler/kernel';
import type { Json, JsonObject, McpRequest, UpstreamSpec } from '@hostler/kernel';
import { mayAct } from '@hostler/protocol';

/** Which calls may be made twice: by the configuration, or because the server's own lists said last that they only read. */
export interface RepeatableTools {
  /** Learns from the result of one `tools/list`. */
  learn(request: McpRequest, result: Uint8Array): void;
  allows(request: McpRequest): boolean;
}

const MARKS = ['"readOnlyHint"', '"idempotentHint"'].map((mark) => Buffer.from(mark));

/** Source of the annotations: MCP 2025-11-25, schema (ToolAnnotations). */
export function createRepeatableTools({ replay = 'safe', offer }: UpstreamSpec): RepeatableTools {
  const names = new Set<string>();

  return {
    learn({ params }, result) {
      if (replay !== 'safe') return;
      if (params['cursor'] === undefined) names.clear();
      // A list without annotations need not be parsed.
      const bytes = Buffer.from(result.buffer, result.byteOffset, result.byteLength);
      if (!MARKS.some((mark) => bytes.includes(mark))) return;
      for (const tool of toolsOf(bytes)) {
        if (isJsonObject(tool) && typeof tool['name'] === 'string' && isRepeatable(tool['annotations'])) {
          names.add(tool['name']);
        }
      }
    },
    allows({ method, params }) {
      if (!mayAct(method) || replay === 'always') return true;
      const { name } = params;
      if (replay === 'never' || typeof name !== 'string') return false;
      const configured = Object.hasOwn(offer?.tools ?? {}, name) ? offer?.tools?.[name]?.annotations : undefined;
      return saysWhether(configured) ? isRepeatable(configured) : names.has(name);
    },
  };
}

function isRepeatable(annotations: Json | undefined): boolean {
  return isJsonObject(annotations) && (annotations['readOnlyHint'] === true || annotations['idempotentHint'] === true);
}

function saysWhether(annotations: JsonObject | undefined): annotations is JsonObject {
  return annotations !== undefined && ('readOnlyHint' in annotations || 'idempotentHint' in annotations);
}

function toolsOf(list: Buffer): readonly Json[] {
  try {
    const value = JSON.parse(list.toString('utf8')) as Json;
    const tools = isJsonObject(value) ? value['tools'] : undefined;
    return Array.isArray(tools) ? (tools as readonly Json[]) : [];
  } catch {
    // The list goes to its reader as it is, who will say what is wrong with it.
    return [];
  }
}
