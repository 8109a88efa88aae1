import * as v from 'valibot';
import { isAddressRange } from '../address-range.ts';
import { isBareReference } from '../secret-reference.ts';
import { reference } from './setting.ts';
import { pathText, text } from './values.ts';

/** Where a text is, and not the text. */
function pemPath(meaning: string) {
  return v.pipe(
    pathText(),
    v.check((path) => !/^\s*-----BEGIN /.test(path), 'must be the path of a PEM file, not what is in it'),
    v.check(
      (path) => !isBareReference(path),
      'this is a secret reference written as a path: write { secret: "…" } around it',
    ),
    v.description(meaning),
  );
}

/** More than machines have cores that one host could use. */
const MOST_WORKERS = 64;

const KEY_WORDS = 'the path of a file or { secret: "env://NAME" }';

const keySecret = v.strictObject(
  {
    secret: v.pipe(
      reference(),
      v.description('Reference of the private key as PEM text, instead of a path: `gcp://tls-key`, `env://TLS_KEY`.'),
    ),
  },
  'a map: { secret: "env://NAME" }',
);

const tls = v.strictObject(
  {
    certificate: pemPath(
      'PEM file of the certificate, with those between it and its authority; relative to this file’s folder. Read again with every reload, and when it changes where `reload.watch` is on.',
    ),
    key: v.pipe(
      v.union([pemPath('PEM file of the key'), keySecret], KEY_WORDS),
      v.description('PEM file of its private key, without a passphrase; or a secret that is one.'),
    ),
    clientAuthorities: v.exactOptional(
      pemPath('PEM file of the authorities whose client certificates are believed; of no others.'),
    ),
    clientCertificates: v.exactOptional(
      v.pipe(
        v.picklist(['none', 'optional', 'required']),
        v.description(
          'Whether clients are asked for a certificate: `optional` takes those too that show none, `required` ends the connection of all others.',
        ),
      ),
      'none',
    ),
  },
  'a map with certificate and key',
);

export const listen = v.strictObject(
  {
    host: v.exactOptional(
      v.pipe(text(), v.description('Address to listen on. The default is reachable from this machine only.')),
      '127.0.0.1',
    ),
    port: v.exactOptional(
      v.pipe(
        v.number('a port number'),
        v.integer('must be a port: a whole number from 0 to 65535'),
        v.minValue(0, 'must be a port: a whole number from 0 to 65535'),
        v.maxValue(65_535, 'must be a port: a whole number from 0 to 65535'),
        v.description('Port to listen on; 0 takes a free one.'),
      ),
      8000,
    ),
    socket: v.exactOptional(
      v.pipe(
        pathText(),
        v.description(
          'Unix socket to listen on instead of a port, relative to this file’s folder. Only the user that runs Hostler may connect.',
        ),
      ),
    ),
    tls: v.exactOptional(tls),
    workers: v.exactOptional(
      v.pipe(
        v.union(
          [v.literal('auto'), v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(MOST_WORKERS))],
          `a whole number from 1 to ${MOST_WORKERS}, or auto`,
        ),
        v.description(
          'Processes that answer clients behind the one address; `auto`: as many as there are cores. With 1, the default, one process does everything. Changes are in force after a restart.',
        ),
      ),
    ),
    trustedProxies: v.exactOptional(
      v.pipe(
        v.array(
          v.pipe(
            v.string('text'),
            v.check(
              (written) => written === 'unix' || isAddressRange(written),
              'must be an address, a range of them such as 10.0.0.0/8 or fd00::/8, or unix',
            ),
          ),
          'a list of addresses',
        ),
        v.description(
          'Proxies that are believed when they say in a header from where a request came and which certificate its client has: addresses, ranges such as `10.0.0.0/8`, or `unix` for the unix socket. Nobody else is, not even this machine.',
        ),
      ),
    ),
    allowedHosts: v.exactOptional(
      v.pipe(
        v.array(
          v.pipe(
            v.string('text'),
            v.regex(/^[^\s/]+$/, 'must be a host name, with :port if needed, such as mcp.example.com'),
          ),
          'a list of host names',
        ),
        v.description(
          'Names in the `Host` header under which clients may address Hostler, besides those of this machine. One is needed where other machines can reach it.',
        ),
      ),
    ),
    allowedOrigins: v.exactOptional(
      v.pipe(
        v.array(
          v.pipe(
            v.string('text'),
            v.regex(
              /^[a-z][a-z0-9+.-]*:\/\/[^\s/]+$/,
              'must be an origin without a path, such as https://app.example.com',
            ),
          ),
          'a list of origins',
        ),
        v.description(
          'Web pages that may call Hostler, as the `Origin` header names them, besides those of this machine.',
        ),
      ),
    ),
  },
  'a map with host and port',
);
