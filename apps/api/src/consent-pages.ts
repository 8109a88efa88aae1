import { createHash, randomBytes } from 'node:crypto';
import { CALLBACK_PATH, CLIENT_METADATA_PATH, CONSENT_PATH, oauthErrors } from '@hostler/auth';
import { isHostlerError } from '@hostler/kernel';
import type { Logger } from '@hostler/kernel';
import type { Runtime } from '@hostler/runtime';
import { apiErrors } from './errors.ts';
import type { GuardedPaths } from './guarded-paths.ts';
import type { RestContext } from './rest/add-rest.ts';
import { securityHeaders } from './security-headers.ts';

type Desk = Runtime['tokens']['desk'];

const COOKIE = /^[A-Za-z0-9_-]{43}$/;

/**
 * Where people agree to what the host shall do for them at a server. Open to anyone: what leads here is unguessable and of
 * single use, and only the browser that went on from the page can come back to it.
 */
export function addConsentPages(
  paths: GuardedPaths,
  { tokens, log, audit }: Pick<Runtime, 'tokens'> & Partial<Pick<Runtime, 'audit'>> & { readonly log: Logger },
): void {
  const { desk } = tokens;
  const guarded =
    (answer: (context: RestContext) => Response | Promise<Response>) =>
    async (context: RestContext): Promise<Response> => {
      try {
        return await answer(context);
      } catch (error) {
        if (!isHostlerError(error)) throw error;
        log.info({ code: error.code }, 'a consent did not come about');
        return page(error.kind.http, 'This did not work', `<p>${escape(error.message)}</p>`);
      }
    };
  const add = (method: string, path: string, answer: (context: RestContext) => Response | Promise<Response>): void =>
    paths.add({ method, path, access: 'anyone', answer: guarded(answer) });
  add('GET', `${CONSENT_PATH}/:id`, (context) => ask(desk, context));
  add('POST', `${CONSENT_PATH}/:id`, (context) => goOn(desk, context));
  add('GET', CALLBACK_PATH, (context) => comeBack(desk, context, audit));
  add('GET', CLIENT_METADATA_PATH, () => describeClient(desk));
}

function ask(desk: Desk, context: RestContext): Response {
  const consent = desk.find(context.req.param('id') ?? '');
  const browser = browserOf(desk, context, consent.id) ?? randomBytes(32).toString('base64url');
  const { server, consumer, subject, issuer } = consent;
  const who = subject === undefined ? escape(consumer) : `${escape(subject)} (${escape(consumer)})`;
  const html = `<p>The server <strong>${escape(server)}</strong> shall be used for <strong>${who}</strong>.</p>
<p>Go on only if this is you, and you have just asked for it: whoever it is will use the server with your account.
You sign in at <strong>${escape(issuer)}</strong>.</p>
<form method="post"><input type="hidden" name="form" value="${formToken(consent.id, browser)}"><button>Go on</button></form>`;
  return page(200, 'Let the host use a server for you?', html, {
    // With less, browsers would send the form from nowhere.
    'referrer-policy': 'same-origin',
    'set-cookie': cookie(desk, consent.id, browser),
    'content-security-policy': `default-src 'none'; frame-ancestors 'none'; form-action 'self' ${consent.authorizationUrl.origin}`,
  });
}

async function goOn(desk: Desk, context: RestContext): Promise<Response> {
  const { id } = desk.find(context.req.param('id') ?? '');
  const browser = browserOf(desk, context, id);
  const form = new URLSearchParams(await boundedText(context.req.raw));
  // A page of somebody else can neither read the form nor send the cookie.
  if (browser === undefined || form.get('form') !== formToken(id, browser)) throw foreign();
  const location = desk.confirm(id, browser).href;
  return new Response(null, { status: 303, headers: { ...securityHeaders, location } });
}

async function comeBack(desk: Desk, context: RestContext, audit: Runtime['audit']): Promise<Response> {
  const { state = '', code, iss, error } = context.req.query();
  const id = desk.idOf(state) ?? '';
  const browser = browserOf(desk, context, id);
  await recordConsent(audit, desk, id, () => desk.answer(id, browser, { code, iss, error }));
  return page(200, 'Done', '<p>The server can be used now. You may close this page.</p>');
}

/** For whom which server may be used from now on; nothing by which it is used. @throws AUDIT_UNAVAILABLE, and what the work throws */
async function recordConsent(
  audit: Runtime['audit'],
  desk: Desk,
  id: string,
  work: () => Promise<void>,
): Promise<void> {
  if (audit === undefined) return work();
  const { server, consumer, subject } = desk.find(id);
  const target = { server, ...(subject !== undefined && { user: subject.slice(0, 256) }) };
  const done = await audit.change({ consumer: { name: consumer }, action: 'consent', target, entry: 'page' });
  try {
    await work();
    done();
  } catch (thrown) {
    done(thrown);
    throw thrown;
  }
}

function describeClient(desk: Desk): Response {
  const metadata = desk.clientMetadata();
  if (metadata === undefined) throw apiErrors.NOT_FOUND();
  return Response.json(metadata, { headers: securityHeaders });
}

function formToken(id: string, browser: string): string {
  return createHash('sha256').update(`form ${id} ${browser}`).digest('base64url');
}

function foreign(): Error {
  return oauthErrors.CONSENT_FOREIGN();
}

/** RFC 6265bis, section 4.1.3.2: no neighbour of this host can set a cookie with this prefix. */
function nameOf(desk: Desk, id: string): string {
  return `${desk.isSecure ? '__Host-' : ''}hostler-consent-${id.slice(0, 8)}`;
}

function cookie(desk: Desk, id: string, browser: string): string {
  // Lax: the way back comes from another site.
  const marks = `Path=/; HttpOnly; SameSite=Lax; Max-Age=600${desk.isSecure ? '; Secure' : ''}`;
  return `${nameOf(desk, id)}=${browser}; ${marks}`;
}

function browserOf(desk: Desk, context: RestContext, id: string): string | undefined {
  const pairs = (context.req.header('cookie') ?? '').split(';').map((pair) => pair.trim().split('='));
  const value = pairs.find(([name]) => name === nameOf(desk, id))?.[1];
  return value !== undefined && COOKIE.test(value) ? value : undefined;
}

async function boundedText(request: Request): Promise<string> {
  let text = '';
  const decoder = new TextDecoder();
  for await (const chunk of request.body ?? []) {
    text += decoder.decode(chunk, { stream: true });
    if (text.length > 1024) throw foreign();
  }
  return text;
}

function page(status: number, title: string, html: string, headers: Record<string, string> = {}): Response {
  const text = `<!doctype html><html lang="en"><meta charset="utf-8"><title>${title}</title><h1>${title}</h1>${html}</html>`;
  return new Response(text, {
    status,
    headers: { ...securityHeaders, 'content-type': 'text/html; charset=utf-8', ...headers },
  });
}

function escape(text: string): string {
  return text.replaceAll(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}
