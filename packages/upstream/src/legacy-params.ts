import type { Exchange, JsonObject } from '@hostler/kernel';

/** The params of a request as a legacy server gets them: what a modern client adds when it is asked for input is unknown there. */
export function legacyParams({ client, request: { params } }: Exchange): JsonObject {
  if (client.era === 'legacy' || (params['inputResponses'] === undefined && params['requestState'] === undefined)) {
    return params;
  }
  const { inputResponses: _answers, requestState: _state, ...others } = params;
  return others;
}
