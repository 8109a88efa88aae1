import { describe, expect, it } from 'vitest';
import { planServer } from './plan-server.ts';

const SECRET = { secret: 'env://A' };
const CLIENT = { clientId: 'x', issuer: 'https://id', clientSecret: SECRET };

function problemsOf(settings: object): string {
  const result = planServer('one', settings, '/');
  return 'problems' in result ? JSON.stringify(result.problems) : '';
}

const https = (oauth: object, more: object = {}): object => ({ url: 'https://x/mcp', oauth, ...more });

describe('checkOAuth', () => {
  it.each([
    [{ command: 'x', oauth: {} }, 'has no meaning for a server with command'],
    [{ url: 'wss://x', oauth: {} }, 'has no meaning for a server over WebSocket'],
    [{ url: 'http://x.example/mcp', oauth: {} }, 'a token must not travel in clear'],
    [https({}, { headers: { Authorization: 'x' } }), 'oauth fills in this header'],
    [https({ ...CLIENT, clientKey: SECRET }), 'has no meaning beside clientSecret'],
    [https({ issuer: 'https://id', clientSecret: SECRET }), 'needs \\"clientId\\" beside it'],
    [https({ clientId: 'x', clientSecret: SECRET }), 'it is sent there alone'],
    [https({ grant: 'client-credentials' }), 'needs \\"clientId\\", and'],
    [https({ ...CLIENT, audience: 'x' }), 'has a meaning for token-exchange alone'],
    [https({ issuer: 'http://id.example' }), 'must be an https:// URL'],
  ])('refuses %j', (settings, words) => {
    expect(problemsOf(settings)).toContain(words);
  });

  it.each([https({}), { url: 'http://127.0.0.1:1/mcp', oauth: {} }, https({ ...CLIENT, grant: 'token-exchange' })])(
    'takes %j',
    (settings) => {
      expect(problemsOf(settings)).toBe('');
    },
  );
});
