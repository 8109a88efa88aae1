import * as v from 'valibot';
import { isBareReference } from '../secret-reference.ts';
import { exclude, include, prompts, tools } from './offer.ts';
import { proxy, socket, tls } from './network.ts';
import { oauth } from './oauth.ts';
import { pathArguments, roots } from './root.ts';
import { environment, headers, variableName } from './setting.ts';
import { limits, recycle, replay, resources } from './supervision.ts';
import { duration, flag, pathText } from './values.ts';

/** Public tool names are `server__tool`: a double underscore in a server's name would make them ambiguous. */
const SERVER_NAME = /^(?=.{1,32}$)[A-Za-z0-9](?:(?:-|_(?!_))*[A-Za-z0-9])*$/;

export const serverName = v.pipe(
  v.string('text'),
  v.regex(
    SERVER_NAME,
    'a server name has 1 to 32 letters, digits, - or single _, and begins and ends with a letter or digit',
  ),
);

const SECRET_URL =
  'a secret cannot be a URL: write the address itself, and send the secret in headers as { secret: "…" }';

const URL_WORDS = 'must be an http, https, ws or wss URL without user or password in it';

function isWebUrl(url: string): boolean {
  if (!URL.canParse(url)) return false;
  const { username, password } = new URL(url);
  return username === '' && password === '';
}

/** One flat map: which keys belong together is checked afterwards, with better words than a union of two maps has. */
export const server = v.strictObject(
  {
    type: v.exactOptional(
      v.pipe(
        v.picklist(['stdio', 'http', 'streamable-http', 'sse', 'websocket']),
        v.description(
          'How the server is reached. Follows from `command` or `url` and need not be written: `ws://` is `websocket`, a URL that ends in `/sse` is `sse`, and for any other `http` finds out, Streamable HTTP first.',
        ),
      ),
    ),
    command: v.exactOptional(
      v.pipe(
        pathText(),
        v.description(
          'The program to start. A name is looked up in PATH; a relative path starts at this file’s folder.',
        ),
      ),
    ),
    args: v.exactOptional(
      v.pipe(
        v.array(
          v.pipe(v.string('text'), v.regex(/^[^\0]*$/, 'must not contain a NUL character')),
          'a list of arguments',
        ),
        v.description(
          'Its arguments, passed on as they are written. Never a secret: every user of a machine sees them.',
        ),
      ),
    ),
    env: v.exactOptional(environment),
    allowEnv: v.exactOptional(
      v.pipe(
        v.array(variableName, 'a list of variables'),
        v.description(
          'Variables that may stand in `env` although they make programs load code before they start, such as `NODE_OPTIONS` and `LD_PRELOAD`.',
        ),
      ),
    ),
    cwd: v.exactOptional(
      v.pipe(
        pathText(),
        v.description('Folder the program runs in, relative to this file’s folder, which is the default.'),
      ),
    ),
    url: v.exactOptional(
      v.pipe(
        v.string('text'),
        v.check((url) => !isBareReference(url), SECRET_URL),
        v.regex(/^(?:https?|wss?):\/\/\S+$/, URL_WORDS),
        v.check(isWebUrl, URL_WORDS),
        v.description('Address of a server that already runs: `https://`, `http://`, `wss://` or `ws://`.'),
      ),
    ),
    headers: v.exactOptional(headers),
    proxy: v.exactOptional(proxy),
    socket: v.exactOptional(socket),
    tls: v.exactOptional(tls),
    oauth: v.exactOptional(oauth),
    era: v.exactOptional(
      v.pipe(
        v.picklist(['auto', 'legacy', 'modern']),
        v.description(
          'Protocol era of the server: `legacy` up to 2025-11-25, `modern` from 2026-07-28; `auto` finds out.',
        ),
      ),
      'auto',
    ),
    interactive: v.exactOptional(
      flag('Whether the server may ask its client questions: then such a client gets a connection of its own.'),
      true,
    ),
    required: v.exactOptional(flag('Hostler is not ready before this server is.'), false),
    startTimeout: v.exactOptional(
      duration(1, 'Longest time from the start to a working connection, without the reading of its secrets.'),
      '30s',
    ),
    timeout: v.exactOptional(duration(1, 'Longest time of one call.'), '60s'),
    roots: v.exactOptional(roots),
    pathArguments: v.exactOptional(pathArguments),
    limits: v.exactOptional(limits),
    recycle: v.exactOptional(recycle),
    replay: v.exactOptional(replay, 'safe'),
    resources: v.exactOptional(resources),
    include: v.exactOptional(include),
    exclude: v.exactOptional(exclude),
    tools: v.exactOptional(tools),
    prompts: v.exactOptional(prompts),
    disabled: v.exactOptional(flag('Leave this server out.'), false),
  },
  'a map with the settings of one server',
);
