import * as v from 'valibot';

const NAME_WORDS = 'must be one name with its kind, such as URI:spiffe://corp/agent, DNS:agent.corp or email:bot@corp';

/** One flat map, as a key is: that it has either a name or a fingerprint is checked afterwards. */
export const certificate = v.strictObject(
  {
    san: v.exactOptional(
      v.pipe(
        v.string('text'),
        v.regex(/^(?:URI|DNS|email):[^\s\0]+$/, NAME_WORDS),
        v.description(
          'A name in the certificate (`subjectAltName`), whole and with its kind: `URI:spiffe://corp/agent`, `DNS:agent.corp` or `email:bot@corp`.',
        ),
      ),
    ),
    fingerprint: v.exactOptional(
      v.pipe(
        v.string('text'),
        v.regex(
          /^sha256:(?:[0-9a-f]{64}|[0-9A-F]{2}(?::[0-9A-F]{2}){31})$/,
          'must be sha256: and 64 hexadecimal digits, as openssl x509 -fingerprint -sha256 prints them',
        ),
        v.description('Instead of a name: the SHA-256 of the one certificate that it is.'),
      ),
    ),
  },
  'a map: { san: "URI:…" } or { fingerprint: "sha256:…" }',
);

export const certificateHeader = v.strictObject(
  {
    name: v.exactOptional(
      v.pipe(
        v.string('text'),
        // RFC 9110, section 5.6.2: token
        v.regex(/^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/, 'this is not the name of a header'),
        v.check(
          (name) => !['authorization', 'x-api-key', 'host', 'cookie'].includes(name.toLowerCase()),
          'this header has another meaning',
        ),
        v.description(
          'Name of the header in which trusted proxies pass on the certificate of a client. By default `Client-Cert`, for `envoy` `X-Forwarded-Client-Cert`.',
        ),
      ),
    ),
    format: v.pipe(
      v.picklist(['rfc9440', 'envoy']),
      v.description(
        'What stands in it. `rfc9440`: the certificate between colons in base64 (RFC 9440); `envoy`: `Hash=…;URI=…`.',
      ),
    ),
  },
  'a map with format',
);
