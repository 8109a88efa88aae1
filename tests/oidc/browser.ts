/** Pages that a login may lead through. */
const MOST_PAGES = 12;

/**
 * A person's browser: follows an address from page to page, sends the form of a page, keeps cookies, and stops where
 * `isEnd` says so.
 * @returns the address at which it stopped, which it has not opened
 */
export async function browse(start: string, isEnd: (url: URL) => boolean): Promise<URL> {
  const { url, text } = await walk(start, isEnd);
  if (text !== undefined) throw new Error(`${url.href} leads nowhere: ${text}`);
  return url;
}

/** The same to the end. @returns the last page */
export async function readThrough(start: string): Promise<string> {
  const { text } = await walk(start, () => false);
  return text ?? '';
}

async function walk(start: string, isEnd: (url: URL) => boolean): Promise<{ url: URL; text?: string }> {
  const cookies = new Map<string, string>();
  let url = new URL(start);
  let form: URLSearchParams | undefined;
  for (let page = 0; page < MOST_PAGES; page++) {
    if (isEnd(url)) return { url };
    const cookie = [...cookies].map(([name, value]) => `${name}=${value}`).join('; ');
    const headers = cookie === '' ? {} : { cookie };
    const response = await fetch(url, { redirect: 'manual', headers, ...(form && { method: 'POST', body: form }) });
    for (const written of response.headers.getSetCookie()) {
      const [pair = ''] = written.split(';', 1);
      const at = pair.indexOf('=');
      cookies.set(pair.slice(0, at), pair.slice(at + 1));
    }
    const location = response.headers.get('location');
    const text = await response.text();
    form = formIn(text);
    if (location !== null) url = new URL(location, url);
    else if (form === undefined) return { url, text: `${response.status} ${text}` };
  }
  throw new Error(`${start} leads through more than ${MOST_PAGES} pages`);
}

/** Cookies are kept by name alone: the ports of one machine are one host to them. */
function formIn(page: string): URLSearchParams | undefined {
  if (!page.includes('<form method="post">')) return undefined;
  const fields = [...page.matchAll(/<input type="hidden" name="([^"]+)" value="([^"]*)">/g)];
  return new URLSearchParams(fields.map(([, name = '', value = '']): [string, string] => [name, value]));
}
