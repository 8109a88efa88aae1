import * as v from 'valibot';
import { vaultKey } from './setting.ts';
import { duration, interval, longDuration, pathText, text } from './values.ts';

const provider = v.strictObject(
  {
    use: v.pipe(
      text(),
      v.description('Package of the provider, or a path to its module that begins with `./` or `../`.'),
    ),
    with: v.exactOptional(
      v.pipe(
        v.record(v.string(), v.unknown(), 'a map of options'),
        v.description(
          'Options of the provider, as its own documentation has them. Anywhere in them may stand `{ secret: … }` with a reference of `env://`, `file://` or `local://`.',
        ),
      ),
      {},
    ),
  },
  'a map with use and with',
);

const ACTIONS = ['mask', 'refuse', 'off'] as const;

const guard = v.strictObject(
  {
    results: v.exactOptional(
      v.pipe(
        v.picklist(ACTIONS),
        v.description(
          'What happens when a server’s answer to a client contains a secret of this configuration: `mask` it, `refuse` the answer, or nothing (`off`).',
        ),
      ),
      'mask',
    ),
    arguments: v.exactOptional(
      v.pipe(
        v.picklist(ACTIONS),
        v.description(
          'What happens when a client sends a secret of this configuration to a server that does not use it itself: `mask` it, `refuse` the call, or nothing (`off`).',
        ),
      ),
      'refuse',
    ),
  },
  'a map with results and arguments',
);

const DEFAULT_KEY = 'env://HOSTLER_ENCRYPTION_KEY';

const local = v.strictObject(
  {
    file: v.exactOptional(
      v.pipe(pathText(), v.description('The encrypted file behind `local://`, relative to this file’s folder.')),
      'hostler.vault',
    ),
    key: v.exactOptional(
      v.pipe(
        vaultKey(),
        v.description(
          'The key of that file. Its text begins with `base64:` or `hex:` (32 bytes) or with `pass:` (a passphrase).',
        ),
      ),
      { secret: DEFAULT_KEY },
    ),
    oldKeys: v.exactOptional(
      v.pipe(
        v.array(vaultKey(), 'a list of keys'),
        v.description('Keys that it may still be encrypted with, until `hostler secrets rekey` has run.'),
      ),
      [],
    ),
  },
  'a map with file, key and oldKeys',
);

export const secrets = v.strictObject(
  {
    providers: v.exactOptional(
      v.pipe(
        v.array(provider, 'a list of providers'),
        v.description('Where secrets come from, besides `env://`, `file://` and `local://`.'),
      ),
      [],
    ),
    refresh: v.exactOptional(
      interval(
        1_000,
        'How often secrets that may change are looked at; `0s` never does. A changed value reaches the servers that use it without a failed call.',
      ),
      '5m',
    ),
    maxStale: v.exactOptional(
      longDuration(
        0,
        'How long the last value of a secret serves while its provider is unavailable. Servers that run are not stopped after it, but none is started.',
      ),
      '1h',
    ),
    timeout: v.exactOptional(duration(1, 'Longest time of one read of a secret.'), '5s'),
    guard: v.exactOptional(guard, {}),
    local: v.exactOptional(local),
  },
  'a map with providers and settings',
);
