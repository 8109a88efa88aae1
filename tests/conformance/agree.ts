/**
 * What a person does with a browser: opens the page, goes on, agrees at the issuer, comes back.
 * @param reach turns an address of the host into one that is served here
 */
export async function agree(page: string, reach: (address: string) => string): Promise<void> {
  const opened = await fetch(reach(page));
  const text = await opened.text();
  const cookie = opened.headers.get('set-cookie')?.split(';')[0] ?? '';
  const form = /name="form" value="([^"]+)"/.exec(text)?.[1];
  if (form === undefined) throw new Error(`no page of a consent: ${opened.status} ${text}`);
  const body = new URLSearchParams({ form });
  const sent = await fetch(reach(page), { method: 'POST', body, headers: { cookie }, redirect: 'manual' });
  let location = sent.headers.get('location');
  if (location === null) throw new Error(`the page leads nowhere: ${sent.status} ${await sent.text()}`);
  const issued = await fetch(location, { redirect: 'manual' });
  location = issued.headers.get('location');
  if (location === null) throw new Error(`the issuer leads nowhere: ${issued.status} ${await issued.text()}`);
  const back = await fetch(reach(location), { headers: { cookie } });
  if (back.status !== 200) throw new Error(`the consent did not come about: ${back.status} ${await back.text()}`);
}
