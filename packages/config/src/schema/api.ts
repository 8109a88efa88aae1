import * as v from 'valibot';
import { flag } from './values.ts';

const HOST = /^(?:\*\.)?(?:\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?)(?::\d{1,5})?$/;

function list(pattern: RegExp, words: string) {
  return v.array(v.pipe(v.string('text'), v.regex(pattern, words)), 'a list of texts');
}

const servers = v.strictObject(
  {
    enabled: v.exactOptional(
      flag('Whether servers may be added, changed and stopped over REST, and the file be read again.'),
      false,
    ),
    commands: v.exactOptional(
      v.pipe(
        list(/^(?:\/[^\0]+|[A-Za-z]:\\[^\0]+|[^\s\0/\\~]+)$/, 'must be the name of a program or an absolute path'),
        v.description(
          'Programs that such a server may run: names looked up in PATH, or absolute paths. One that runs other programs, such as `npx` or `sh`, allows everything.',
        ),
      ),
      [],
    ),
    hosts: v.exactOptional(
      v.pipe(
        list(HOST, 'must be a host name such as mcp.example.com, *.example.com or localhost:3000'),
        v.description('Hosts that such a server may be reached at; `*.example.com` is every name below example.com.'),
      ),
      [],
    ),
    secrets: v.exactOptional(
      v.pipe(
        list(/^[a-z][a-z0-9-]*:\/\/[^\s\0*]*\*?$/, 'must be a secret reference, or the beginning of one and *'),
        v.description('Secret references that such a server may use; `*` at the end stands for any rest.'),
      ),
      [],
    ),
    env: v.exactOptional(
      v.pipe(
        list(
          /^(?:[A-Za-z_][A-Za-z0-9_]*\*?|\*)$/,
          'must be the name of an environment variable, or the beginning of one and *',
        ),
        v.description(
          'Environment variables that such a server may be given; `*` at the end stands for any rest. Variables steer programs: `HTTPS_PROXY` shows their traffic to others, `PYTHONPATH` makes them run other code.',
        ),
      ),
      [],
    ),
  },
  'a map with enabled and the allowed commands and hosts',
);

const secrets = v.strictObject(
  {
    enabled: v.exactOptional(
      flag(
        'Whether `POST /v1/secrets/rotate` reads secrets again and gives changed ones to the servers that use them.',
      ),
      false,
    ),
  },
  'a map with enabled',
);

/** What may be done over the network besides using the servers. */
export const api = v.strictObject(
  { servers: v.exactOptional(servers, {}), secrets: v.exactOptional(secrets, {}) },
  'a map with servers and secrets',
);
