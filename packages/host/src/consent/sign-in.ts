import { isHostlerError } from '@hostler/kernel';
import type { Era, HostlerError, JsonObject } from '@hostler/kernel';
import { NO_LISTS } from '../server-lists.ts';
import type { ServerLists } from '../server-lists.ts';

/** The one tool of a server that its user has not agreed to yet. */
export const SIGN_IN = 'sign_in';

/** What a server that cannot be reached before its user has agreed to it offers until then. */
export function signInLists(server: string, era: Era): ServerLists {
  const title = `Sign in to ${server}`;
  const tool: JsonObject = {
    name: SIGN_IN,
    title,
    description: `The tools of ${server} appear when you have signed in. This opens a web page on which you do that.`,
    inputSchema: { type: 'object', properties: {}, additionalProperties: false },
    annotations: { title, readOnlyHint: false, destructiveHint: false, openWorldHint: true },
  };
  return {
    era,
    lists: { ...NO_LISTS, tool: [{ key: SIGN_IN, bytes: Buffer.from(JSON.stringify(tool)) }] },
    freshness: {},
    conflicts: [],
    failed: [],
    awaitsSignIn: true,
  };
}

/** Whether its user has to agree to something before the server can be reached. */
export function isConsentError(error: unknown): error is HostlerError {
  return isHostlerError(error) && error.code === 'OAUTH_CONSENT_REQUIRED';
}
