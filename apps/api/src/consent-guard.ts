import type { IncomingMessage } from 'node:http';
import { CALLBACK_PATH, CONSENT_PATH } from '@hostler/auth';
import type { GuardOptions } from '@hostler/endpoint';
import type { Runtime } from '@hostler/runtime';

/** What a request has to pass: pages of consents may be led to from elsewhere, and their form comes from the host itself. */
export function guardOf(
  { url = '' }: IncomingMessage,
  { plan, tokens }: Pick<Runtime, 'plan' | 'tokens'>,
): GuardOptions {
  const { listen } = plan;
  if (!url.startsWith(`${CONSENT_PATH}/`) && !url.startsWith(`${CALLBACK_PATH}?`)) return listen;
  const { origin } = tokens.desk;
  const allowedOrigins = [...(listen.allowedOrigins ?? []), ...(origin === undefined ? [] : [origin])];
  return { ...listen, allowedOrigins, isPage: true };
}
