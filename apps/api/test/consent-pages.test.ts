import { Hono } from 'hono';
import { describe, expect, it } from 'vitest';
import { addConsentPages } from '../src/consent-pages.ts';
import { createGuardedPaths } from '../src/guarded-paths.ts';
import type { RestEnvironment } from '../src/rest/add-rest.ts';

const log = { debug() {}, info() {}, warn() {}, error() {} };
const ID = '11111111-2222-4333-8444-555555555555';

function createPages(audit?: Parameters<typeof addConsentPages>[1]['audit']) {
  const app = new Hono<RestEnvironment>();
  const confirmed: string[] = [];
  const answered: unknown[] = [];
  const consent = {
    id: ID,
    server: 'files<script>',
    consumer: 'team',
    principal: '',
    subject: 'ada',
    issuer: 'https://id.example',
    state: 'the-state',
    authorizationUrl: new URL('https://id.example/authorize?state=the-state'),
    complete: () => Promise.resolve(),
  };
  const desk = {
    origin: 'https://host',
    isSecure: true,
    find: () => consent,
    confirm: (_id: string, browser: string) => (confirmed.push(browser), consent.authorizationUrl),
    idOf: (state: string) => (state === 'the-state' ? ID : undefined),
    answer: (...given: unknown[]) => Promise.resolve(void answered.push(given)),
    clientMetadata: () => undefined,
  };
  const tokens = {
    desk,
    list: () => Promise.resolve([]),
    revoke: () => Promise.resolve(false),
    listensAt: () => undefined,
  };
  const authorization = { may: () => true, require: () => undefined };
  addConsentPages(createGuardedPaths(app, authorization), { tokens, log, ...(audit && { audit }) });
  const open = async () => {
    const response = await app.request(`/oauth/consent/${ID}`);
    const text = await response.text();
    const cookie = response.headers.get('set-cookie')?.split(';')[0] ?? '';
    return { response, text, cookie, form: /name="form" value="([^"]+)"/.exec(text)?.[1] ?? '' };
  };
  const send = (form: string, cookie: string) =>
    app.request(`/oauth/consent/${ID}`, { method: 'POST', body: new URLSearchParams({ form }), headers: { cookie } });
  return { app, confirmed, answered, open, send };
}

describe('the pages of a consent', () => {
  it('name the server and the user, and run nothing', async () => {
    const { response, text } = await createPages().open();
    expect(text).toContain('files&#60;script&#62;');
    expect(text).toContain('ada (team)');
    expect(response.headers.get('content-security-policy')).toBe(
      "default-src 'none'; frame-ancestors 'none'; form-action 'self' https://id.example",
    );
    expect(response.headers.get('set-cookie')).toMatch(
      /^__Host-.*; Path=\/; HttpOnly; SameSite=Lax; Max-Age=600; Secure$/,
    );
  });

  it('go on to the issuer for the browser that has the page', async () => {
    const { open, send, confirmed } = createPages();
    const { form, cookie } = await open();
    const response = await send(form, cookie);
    expect([response.status, response.headers.get('location')]).toEqual([
      303,
      'https://id.example/authorize?state=the-state',
    ]);
    expect(confirmed).toEqual([cookie.split('=')[1]]);
  });

  it('do not go on for a form that comes without the cookie, or with another one', async () => {
    const { open, send, confirmed } = createPages();
    const first = await open();
    const second = await open();
    for (const cookie of ['', second.cookie]) expect((await send(first.form, cookie)).status).toBe(403);
    expect((await send('', first.cookie)).status).toBe(403);
    expect(confirmed).toEqual([]);
  });

  it('write down for whom which server may be used, and nothing of the way there', async () => {
    const written: unknown[] = [];
    const done: unknown[] = [];
    const change = (facts: unknown) => {
      written.push(facts);
      return Promise.resolve((thrown?: unknown) => void done.push(thrown));
    };
    const { app, open } = createPages({ change } as unknown as NonNullable<Parameters<typeof createPages>[0]>);
    const { cookie } = await open();
    await app.request('/oauth/callback?state=the-state&code=the-code', { headers: { cookie } });
    expect(written).toEqual([
      {
        consumer: { name: 'team' },
        action: 'consent',
        target: { server: 'files<script>', user: 'ada' },
        entry: 'page',
      },
    ]);
    expect(done).toEqual([undefined]);
    expect(JSON.stringify(written)).not.toMatch(/the-state|the-code/);
  });

  it('hand on what the issuer says, with what the browser holds, and repeat none of it', async () => {
    const { app, open, answered } = createPages();
    const { cookie } = await open();
    const query = 'state=the-state&code=the-code&iss=https://id.example&error_description=words';
    const response = await app.request(`/oauth/callback?${query}`, { headers: { cookie } });
    expect(answered).toEqual([
      [ID, cookie.split('=')[1], { code: 'the-code', iss: 'https://id.example', error: undefined }],
    ]);
    expect(await response.text()).not.toMatch(/words|the-code|the-state/);
  });
});
