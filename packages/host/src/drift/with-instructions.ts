import type { JsonObject } from '@hostler/kernel';
import type { ServerDescription } from '@hostler/protocol';

/** The same description with other instructions, or with none. */
export function withInstructions(description: ServerDescription, instructions: string | undefined): ServerDescription {
  const { instructions: _, original, ...rest } = description;
  return {
    ...rest,
    ...(instructions !== undefined && { instructions }),
    ...(original && { original: edited(original, instructions) }),
  };
}

function edited(original: JsonObject, instructions: string | undefined): JsonObject {
  const { instructions: _, ...rest } = original;
  return instructions === undefined ? rest : { ...rest, instructions };
}
