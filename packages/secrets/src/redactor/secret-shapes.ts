import { MASK } from './mask.ts';

const PEM_BEGIN = '-----BEGIN ';
const PEM_END = '-----END ';
/** Each begins where no word goes on, so that a long word is read once. */
const JWT = /(?<![\w-])eyJ[\w-]{8,}\.[\w-]{8,}\.[\w-]*/g;
const PREFIXED =
  /(?<![\w-])(?:ghp_|gho_|ghu_|ghs_|ghr_|github_pat_|glpat-|xox[abeoprs]-|AKIA|ASIA|AIza|sk-|sk_live_|sk_test_|rk_live_|hf_|npm_|whsec_)[\w-]{12,}/g;
const SCHEME = /(?<![\w-])((?:bearer|basic)\s{1,8})([\w.~+/=-]{8,})/gi;
/** The password of `scheme://user:password@host`, up to the last `@`. */
const URL_PASSWORD = /(:\/\/[^\s/?#@:"'<>\\]*:)([^\s/?#"'<>\\]+)@/g;
/** Words are written in small letters, perhaps with a capital at their beginning. */
const RANDOM_LOOKING = /\d|[a-z][A-Z]|[A-Z]{2}.*[a-z]|^.{32}/;

/** Masks private keys, tokens with well-known beginnings, JSON web tokens, credentials after a scheme or in a URL. */
export function maskShapes(text: string): string {
  return maskPrivateKeys(text)
    .replace(URL_PASSWORD, `$1${MASK}@`)
    .replace(SCHEME, (whole, scheme: string, value: string) => (isRandom(value) ? scheme + MASK : whole))
    .replace(JWT, MASK)
    .replace(PREFIXED, (whole) => (/\d/.test(whole) ? MASK : whole));
}

function isRandom(value: string): boolean {
  return RANDOM_LOOKING.test(value);
}

/** From the first line of a private key to its last; to the end of the text when that is missing. */
function maskPrivateKeys(text: string): string {
  const pieces: string[] = [];
  let writtenTo = 0;
  for (let begin = text.indexOf(PEM_BEGIN); begin >= 0; begin = text.indexOf(PEM_BEGIN, begin + PEM_BEGIN.length)) {
    const title = text.slice(begin + PEM_BEGIN.length, begin + PEM_BEGIN.length + 48);
    if (begin < writtenTo || !/^[A-Z0-9 ]*PRIVATE KEY(?: BLOCK)?-----/.test(title)) continue;
    pieces.push(text.slice(writtenTo, begin), MASK);
    const last = text.indexOf(PEM_END, begin);
    const end = last < 0 ? -1 : text.indexOf('-----', last + PEM_END.length);
    writtenTo = end < 0 ? text.length : end + '-----'.length;
  }
  return writtenTo === 0 ? text : pieces.join('') + text.slice(writtenTo);
}
