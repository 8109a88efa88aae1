import * as v from 'valibot';
import { secretUse } from './setting.ts';
import { pathText, text } from './values.ts';

const PEM_WORDS = 'must be PEM text (-----BEGIN …) or { secret: "file:///…" }';

const PEM_FORM = 'PEM text, or a secret that is one: `{ secret: "file:///…" }` for a file.';

/** A whole PEM text, or a secret that is one. */
function pem(meaning: string) {
  const plain = v.pipe(v.string(), v.regex(/^\s*-----BEGIN [^\0]+$/, PEM_WORDS));
  return v.exactOptional(
    v.pipe(v.union([plain, secretUse('[^\\0]')], PEM_WORDS), v.description(`${meaning} ${PEM_FORM}`)),
  );
}

export const proxy = v.pipe(
  v.string('text'),
  v.regex(
    /^(?:none|https?:\/\/[^\s/@]+\/?)$/,
    'must be none, or the http:// or https:// URL of a proxy without user or password in it',
  ),
  v.description(
    'Proxy on the way to the server: a URL, or `none`. By default what HTTPS_PROXY, HTTP_PROXY, ALL_PROXY and NO_PROXY say; this machine is never reached through a proxy that is not named here.',
  ),
);

export const socket = v.pipe(
  pathText(),
  v.description('Unix socket to connect to instead of the host in `url`; relative to this file’s folder.'),
);

export const tls = v.strictObject(
  {
    ca: pem('Certificates of the authorities to trust instead of those of the system.'),
    certificate: pem('Certificate that Hostler shows to the server, with those between it and its authority.'),
    key: pem('Private key of that certificate.'),
    serverName: v.exactOptional(
      v.pipe(text(), v.description('Name that the certificate of the server must have, when it is not that in `url`.')),
    ),
  },
  'a map with ca, certificate, key and serverName',
);
