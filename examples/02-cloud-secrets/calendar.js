// A server that is given secrets as variables, in a file and in an open descriptor. It says what it has, never a value.
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { McpServer } from '@modelcontextprotocol/server';
import { serveStdio } from '@modelcontextprotocol/server/stdio';
import { z } from 'zod';

const { CALENDAR_TOKEN, DB_PASSWORD, SIGNING_KEY, SMTP_PASSWORD } = process.env;
// Once, at the start: some systems let a descriptor be read only one time.
const secrets = {
  CALENDAR_TOKEN,
  DB_PASSWORD,
  SIGNING_KEY: read(SIGNING_KEY),
  SMTP_PASSWORD: read(SMTP_PASSWORD),
};

function read(path) {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}

function isRight(secret, digest) {
  return secret !== undefined && createHash('sha256').update(secret).digest('hex') === digest;
}

function createCalendar() {
  const server = new McpServer({ name: 'calendar', version: '1.0.0' });
  server.registerTool(
    'report',
    {
      description:
        'Names all variables that the server has, and says which of its secrets have these digests (SHA-256)',
      inputSchema: z.object({ digests: z.record(z.string(), z.string()) }),
    },
    ({ digests }) => {
      const right = Object.entries(secrets).flatMap(([name, secret]) => (isRight(secret, digests[name]) ? [name] : []));
      const report = { variables: Object.keys(process.env).toSorted(), right };
      return { content: [{ type: 'text', text: JSON.stringify(report) }] };
    },
  );
  return server;
}

serveStdio(createCalendar);
