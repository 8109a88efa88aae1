import type { ProblemList } from '../problem.ts';
import type { CheckedConfig, CheckedServer } from '../schema/config-file.ts';
import { remoteTypeOf } from './remote-type.ts';

const LOOPBACK = /^(?:localhost|127(?:\.\d{1,3}){3}|\[::1\])$/;

/** Which settings of OAuth exclude or need each other, and which servers may be shown a token. */
export function checkOAuth({ servers }: CheckedConfig, problems: ProblemList): void {
  for (const [name, server] of Object.entries(servers)) {
    if (server.oauth === undefined || server.url === undefined) continue;
    const say: Say = (path, message, hint) =>
      problems.add(['servers', name, ...path], message, { part: 'key', ...(hint !== undefined && { hint }) });
    checkServer(server.url, server, say);
    checkClient(server.oauth, say);
  }
}

type Say = (path: readonly string[], message: string, hint?: string) => void;

function checkServer(url: string, { type, headers = {} }: CheckedServer, say: Say): void {
  if ((type ?? remoteTypeOf(url)) === 'websocket') say(['oauth'], 'has no meaning for a server over WebSocket');
  else if (URL.canParse(url) && new URL(url).protocol === 'http:' && !LOOPBACK.test(new URL(url).hostname)) {
    say(['oauth'], 'a token must not travel in clear', 'begin the url with https://');
  }
  const header = Object.keys(headers).find((key) => key.toLowerCase() === 'authorization');
  if (header !== undefined) say(['headers', header], 'oauth fills in this header: one of the two has to go');
}

function checkClient(oauth: NonNullable<CheckedServer['oauth']>, say: Say): void {
  const { grant, clientId, clientSecret, clientKey, issuer, audience } = oauth;
  if (clientSecret !== undefined && clientKey !== undefined) {
    say(['oauth', 'clientKey'], 'has no meaning beside clientSecret');
  }
  for (const key of ['clientSecret', 'clientKey'] as const) {
    if (oauth[key] === undefined) continue;
    if (clientId === undefined) say(['oauth', key], 'needs "clientId" beside it');
    // Otherwise the server would say who gets it.
    if (issuer === undefined) say(['oauth', key], 'needs "issuer" beside it: it is sent there alone');
  }
  if (grant !== 'authorization-code' && (clientId === undefined || (clientSecret ?? clientKey) === undefined)) {
    say(['oauth', 'grant'], `${grant} needs "clientId", and "clientSecret" or "clientKey"`);
  }
  if (audience !== undefined && grant !== 'token-exchange') {
    say(['oauth', 'audience'], 'has a meaning for token-exchange alone');
  }
}
