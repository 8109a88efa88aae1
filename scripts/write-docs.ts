// Writes the documents that come from the code: `pnpm run docs`; with `--check` it only tells whether they are current.
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { apiErrors } from '@hostler/api';
import { cliErrors } from '@hostler/cli';
import { configErrors } from '@hostler/config';
import { configJsonSchema, configReference } from '@hostler/config/schemas';
import { clientErrors, httpErrors } from '@hostler/endpoint';
import { consentErrors, limitErrors, routeErrors, subscriptionErrors, taskErrors } from '@hostler/host';
import type { ErrorKind } from '@hostler/kernel';
import { protocolErrors } from '@hostler/protocol';
import {
  limitStoreErrors,
  listenErrors,
  lockErrors,
  providerErrors,
  rotationErrors,
  saveErrors,
  serverErrors,
} from '@hostler/runtime';
import { auditErrors } from '@hostler/audit';
import { authErrors, oauthErrors } from '@hostler/auth';
import { secretErrors } from '@hostler/secrets';
import { networkErrors, rootsErrors, upstreamErrors } from '@hostler/upstream';

type Table = Readonly<Record<string, { readonly code: string; readonly kind: ErrorKind }>>;

const tables: readonly (readonly [string, Table])[] = [
  ['@hostler/config', configErrors],
  ['@hostler/secrets', secretErrors],
  ['@hostler/audit', auditErrors],
  ['@hostler/auth', authErrors],
  ['@hostler/auth: tokens for servers', oauthErrors],
  ['@hostler/runtime', providerErrors],
  ['@hostler/runtime: listening', listenErrors],
  ['@hostler/runtime: limits', limitStoreErrors],
  ['@hostler/runtime: the lockfile', lockErrors],
  ['@hostler/runtime: servers', serverErrors],
  ['@hostler/runtime: saving', saveErrors],
  ['@hostler/runtime: rotation', rotationErrors],
  ['@hostler/api', apiErrors],
  ['@hostler/cli', cliErrors],
  ['@hostler/endpoint: HTTP', httpErrors],
  ['@hostler/endpoint: the client', clientErrors],
  ['@hostler/protocol', protocolErrors],
  ['@hostler/host', routeErrors],
  ['@hostler/host: limits', limitErrors],
  ['@hostler/host: subscriptions', subscriptionErrors],
  ['@hostler/host: tasks', taskErrors],
  ['@hostler/host: consent', consentErrors],
  ['@hostler/upstream', upstreamErrors],
  ['@hostler/upstream: roots', rootsErrors],
  ['@hostler/upstream: learned addresses', networkErrors],
];

function errorReference(): string {
  const lines = [
    '# Errors',
    '',
    'Every error that Hostler gives has a stable code. MCP clients find it in `error.data.code`, HTTP callers in the `code`',
    'of a problem document (RFC 9457), operators in the logs. `requestId` beside it leads to the log line. Errors of the',
    'servers behind Hostler pass through unchanged and are not listed here. This page is written by `pnpm run docs`.',
    '',
    'Fault says who has to act: the **caller**, the **operator** of Hostler, the owner of the **upstream** server, or the',
    'authors (**bug**).',
    '',
  ];
  for (const [name, table] of tables) {
    lines.push(`## ${name}`, '', '| Code | HTTP | JSON-RPC | Fault | Retry | Message |', '|---|---|---|---|---|---|');
    for (const { code, kind } of Object.values(table)) {
      const message = kind.message.replaceAll('|', '\\|');
      lines.push(
        `| \`${code}\` | ${kind.http} | ${kind.rpc} | ${kind.fault} | ${kind.retryable ? 'yes' : 'no'} | ${message} |`,
      );
    }
    lines.push('');
  }
  return lines.join('\n');
}

function configurationReference(): string {
  return [
    '# Configuration',
    '',
    '`hostler.yaml` (or `.json`, `.jsonc`) holds everything that can be set. Unknown keys are errors. A secret is a reference,',
    '`{ secret: "env://NAME" }`, never a value and never part of a text; it may stand in `env`, `headers` and `tls`. Paths are',
    'relative to the file. Editors complete and check the file with [config.schema.json](config.schema.json). This page is',
    'written by `pnpm run docs`.',
    '',
    configReference(),
  ].join('\n');
}

const documents: readonly (readonly [string, string])[] = [
  ['docs/errors.md', errorReference()],
  ['docs/config.schema.json', `${JSON.stringify(configJsonSchema(), null, 2)}\n`],
  ['docs/configuration.md', configurationReference()],
];

const check = process.argv.includes('--check');
let stale = 0;
for (const [path, text] of documents) {
  const file = fileURLToPath(new URL(`../${path}`, import.meta.url));
  if (!check) writeFileSync(file, text);
  else if (readOrEmpty(file) !== text) {
    stale++;
    console.error(`${path} is out of date: run "pnpm run docs"`);
  }
}
process.exitCode = stale === 0 ? 0 : 1;

function readOrEmpty(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}
