import type { Logger } from '@hostler/kernel';
import type { Secret } from '@hostler/secrets';
import { createClient } from '@redis/client';

export interface RedisPassword {
  readonly user?: string;
  /** Text with one `{}` where the secret goes; default `{}`. */
  readonly format?: string;
  /** Read anew for each connection: it may have changed. */
  readonly read: (signal: AbortSignal) => Promise<Secret>;
}

export interface RedisConnectionOptions {
  /** `redis://host:port`, `rediss://` with TLS; absent: `socket` says where. */
  readonly url?: string;
  /** Path of a unix socket. */
  readonly socket?: string;
  readonly password?: RedisPassword;
  readonly log: Logger;
}

export interface RedisConnection {
  /** Settles when it is connected for the first time, or closed. */
  readonly connected: Promise<void>;
  /** Fails at once while it is not connected. */
  send(command: readonly string[]): Promise<unknown>;
  close(): void;
}

const CONNECT_TIME = 2_000;
const LONGEST_PAUSE = 2_000;
/** Commands that have no answer yet. */
const MOST_WAITING = 10_000;

/** Connects, and again whenever the connection is lost. */
export function connectRedis({ url, socket, password, log }: RedisConnectionOptions): RedisConnection {
  const closing = new AbortController();
  const client = createClient({
    ...(url !== undefined && { url }),
    // Of a version that every server of the last years speaks.
    RESP: 2,
    disableOfflineQueue: true,
    commandsQueueMaxLength: MOST_WAITING,
    disableClientInfo: true,
    maintNotifications: 'disabled',
    socket: {
      ...(socket !== undefined && { path: socket }),
      connectTimeout: CONNECT_TIME,
      reconnectStrategy: (tries: number) => Math.min(50 * 2 ** Math.min(tries, 10), LONGEST_PAUSE),
    },
    ...(password && { credentialsProvider: credentialsOf(password, closing.signal) }),
  });
  // What a request makes of it is said by whoever counts; without a listener it would end the process.
  client.on('error', (error: unknown) => log.debug({ error }, 'the connection to Redis failed'));
  const connected = client.connect().then(
    () => undefined,
    (error: unknown) => log.debug({ error }, 'the connection to Redis was given up'),
  );
  return {
    connected,
    async send(command) {
      if (!client.isReady) throw new Error('not connected to Redis');
      return client.sendCommand([...command]);
    },
    close() {
      closing.abort();
      client.destroy();
    },
  };
}

function credentialsOf({ user, format = '{}', read }: RedisPassword, signal: AbortSignal) {
  return {
    type: 'async-credentials-provider' as const,
    async credentials() {
      const secret = await read(signal);
      return {
        ...(user !== undefined && { username: user }),
        password: format.replace('{}', () => secret.reveal()),
      };
    },
  };
}
