import type * as Library from '@modelcontextprotocol/client';

/** The flows of OAuth as MCP wants them, as functions. */
export type OAuthLibrary = typeof Library;

/** Loaded with the first token: a host whose servers want none starts without it. */
export function loadOAuthLibrary(): Promise<OAuthLibrary> {
  return import('@modelcontextprotocol/client');
}
