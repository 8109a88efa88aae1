import * as v from 'valibot';

const LOOPBACK = /^(?:localhost|127(?:\.\d{1,3}){3}|\[::1\])$/;

const SECURE_WORDS = 'must be an https:// URL without user, password or fragment in it (http:// on this machine alone)';

/** Whether it is a whole URL with nothing in it that would be sent, or lost, unseen. */
export function isPlain(url: string): boolean {
  const parsed = parse(url);
  return parsed !== undefined && parsed.username === '' && parsed.password === '' && !url.includes('#');
}

export function secureUrl(meaning: string) {
  return v.pipe(
    v.string('text'),
    v.check((url) => isPlain(url) && isSecure(url), SECURE_WORDS),
    v.description(meaning),
  );
}

function parse(url: string): URL | undefined {
  return /^https?:\/\/\S+$/.test(url) && URL.canParse(url) ? new URL(url) : undefined;
}

function isSecure(url: string): boolean {
  const parsed = parse(url);
  return parsed !== undefined && (parsed.protocol === 'https:' || LOOPBACK.test(parsed.hostname));
}
