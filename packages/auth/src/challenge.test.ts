import { describe, expect, it } from 'vitest';
import { authErrors } from './auth-errors.ts';
import { challenge, challengeError } from './challenge.ts';
import { protectedResourceMetadata, protectedResourceMetadataUrl, scopesToAskFor } from './protected-resource.ts';

describe('a challenge', () => {
  it('says where the metadata is, what was wrong and what to ask for', () => {
    const metadataUrl = 'https://host.example/.well-known/oauth-protected-resource/mcp';
    expect(challenge({ metadataUrl })).toBe(`Bearer resource_metadata="${metadataUrl}"`);
    expect(challenge({ metadataUrl, error: 'insufficient_scope', scope: 'a b' })).toBe(
      `Bearer error="insufficient_scope", scope="a b", resource_metadata="${metadataUrl}"`,
    );
    expect(challenge({})).toBe('Bearer');
  });

  it('stays one value whatever it is given', () => {
    expect(challenge({ scope: 'a", evil="\\b\r\nset-cookie: c=ü' })).toBe('Bearer scope="a, evil=bset-cookie: c="');
  });

  it('says nothing of an error where no credential was sent', () => {
    expect(challengeError(authErrors.MISSING.code)).toBeUndefined();
    expect(challengeError(authErrors.INVALID.code)).toBe('invalid_token');
    expect(challengeError(authErrors.EXPIRED.code)).toBe('invalid_token');
    expect(challengeError(authErrors.FORBIDDEN.code)).toBeUndefined();
    expect(challengeError(authErrors.SCOPE_MISSING.code)).toBe('insufficient_scope');
  });
});

describe('the metadata of the resource', () => {
  it('names each issuer once', () => {
    const issuers = [
      { issuer: 'https://a.example' },
      { issuer: 'https://b.example/' },
      { issuer: 'https://a.example' },
    ];
    expect(protectedResourceMetadata({ resource: 'https://host.example/mcp', issuers })).toEqual({
      resource: 'https://host.example/mcp',
      authorization_servers: ['https://a.example', 'https://b.example/'],
      bearer_methods_supported: ['header'],
    });
  });

  it('names the scopes that every token needs, and no proxy that signs headers', () => {
    const issuers = [
      { issuer: 'https://a.example', scopes: ['use', 'read'] },
      { issuer: 'https://b.example', type: 'introspection' as const, scopes: ['read', 'write'] },
      { issuer: 'https://cloud.google.com/iap', type: 'google-iap' as const },
      { issuer: 'https://c.example', type: 'aws-alb' as const },
    ];
    expect(protectedResourceMetadata({ resource: 'https://host.example/mcp', issuers })).toEqual({
      resource: 'https://host.example/mcp',
      authorization_servers: ['https://a.example', 'https://b.example'],
      scopes_supported: ['use', 'read', 'write'],
      bearer_methods_supported: ['header'],
    });
    expect(scopesToAskFor(issuers)).toBe('read');
    expect(scopesToAskFor(issuers.slice(0, 1))).toBe('use read');
    expect(scopesToAskFor([...issuers, { issuer: 'https://d.example' }])).toBeUndefined();
    expect(scopesToAskFor([])).toBeUndefined();
  });

  it('has no empty list', () => {
    expect(protectedResourceMetadata({ resource: 'https://host.example', issuers: [] })).toEqual({
      resource: 'https://host.example',
      bearer_methods_supported: ['header'],
    });
  });

  it.each([
    ['https://host.example', 'https://host.example/.well-known/oauth-protected-resource'],
    ['https://host.example/', 'https://host.example/.well-known/oauth-protected-resource'],
    ['https://host.example/mcp', 'https://host.example/.well-known/oauth-protected-resource/mcp'],
    ['http://127.0.0.1:8000/a/mcp?x=1', 'http://127.0.0.1:8000/.well-known/oauth-protected-resource/a/mcp?x=1'],
  ])('of %s is at %s', (resource, url) => {
    expect(protectedResourceMetadataUrl(resource)).toBe(url);
  });
});
