/**
 * Texts that are secrets by their form, as their issuers document it. Every repetition has a bound: a text of any
 * length is looked through in linear time.
 */
const SHAPES: readonly RegExp[] = [
  /gh[oprsu]_[A-Za-z0-9]{30,255}/, // GitHub
  /github_pat_[A-Za-z0-9_]{40,255}/,
  /glpat-[A-Za-z0-9_-]{20,255}/, // GitLab
  /sk-(?=[A-Za-z_-]{0,40}[0-9])[A-Za-z0-9_-]{20,255}/, // OpenAI, Anthropic and others
  /[rs]k_live_[A-Za-z0-9]{16,255}/, // Stripe
  /A[KS]IA[A-Z0-9]{16}/, // AWS
  /AIza[A-Za-z0-9_-]{35}/, // Google
  /xox[abeoprs]-[A-Za-z0-9-]{10,255}/, // Slack
  /npm_[A-Za-z0-9]{36}/,
  /hf_[A-Za-z0-9]{30,255}/, // Hugging Face
  /pypi-[A-Za-z0-9_-]{50,255}/,
  /hk_[A-Za-z0-9]{8}_[A-Za-z0-9-]{43}_[0-9a-f]{8}/, // Hostler
  /hvs\.[A-Za-z0-9_-]{20,255}/, // HashiCorp Vault
  /eyJ[A-Za-z0-9_-]{8,512}\.eyJ[A-Za-z0-9_-]{8}/, // JSON Web Token
];

/** Not in the middle of a word: `task-…` holds no `sk-…`. */
const TOKEN = new RegExp(`(?<![A-Za-z0-9])(?:${SHAPES.map(({ source }) => source).join('|')})`);

const PRIVATE_KEY = /-----BEGIN (?:[A-Z0-9]{1,20} ){0,4}PRIVATE KEY-----/;

/** Whether a text holds what is a secret by its form, whatever its name. */
export function holdsToken(text: string): boolean {
  return TOKEN.test(text) || PRIVATE_KEY.test(text);
}

/** What is said of a key of a consumer, which is never repeated, wherever it stands. */
export const KEY_IN_CLEAR =
  'this is a key itself, written in clear: make a new one with hostler keys create, and write the hash that it prints';

/** Whether a text was meant as the key of a consumer, whole or not. */
export function isHostlerKey(text: string): boolean {
  return /^\s*hk_/i.test(text);
}
