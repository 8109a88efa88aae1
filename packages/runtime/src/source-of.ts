import { relative, sep } from 'node:path';
import type { JsonObject, Setting, UpstreamSpec } from '@hostler/kernel';

/**
 * What a server is, as it stands in the lockfile: an approval is for this and not for a name. Names of variables and headers
 * are in it, their values are not, since any may be a secret. Paths below `folder` are relative to it, so that the lockfile
 * is good on every machine.
 */
export function sourceOf({ transport }: UpstreamSpec, folder: string): JsonObject {
  switch (transport.kind) {
    case 'stdio':
      return {
        command: portable(transport.command, folder),
        args: transport.args.map((argument) => portable(argument, folder)),
        env: namesOf(transport.env),
        // Elsewhere the same arguments name other files.
        ...(transport.cwd !== folder && { cwd: portable(transport.cwd, folder) }),
      };
    case 'http':
    case 'websocket': {
      const { socket } = transport.network ?? {};
      const place = socket === undefined ? {} : { socket: portable(socket, folder) };
      return { url: transport.url, headers: namesOf(transport.headers), ...place };
    }
    case 'in-process':
      return { kind: 'in-process' };
  }
}

function namesOf(settings: Readonly<Record<string, Setting>>): string[] {
  return Object.keys(settings).sort();
}

function portable(text: string, folder: string): string {
  return text.startsWith(`${folder}${sep}`) ? `./${relative(folder, text).split(sep).join('/')}` : text;
}
