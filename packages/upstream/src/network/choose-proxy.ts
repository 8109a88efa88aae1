import { isExempt, isLoopback } from './no-proxy.ts';

export interface ProxyChoice {
  /** The server's address. */
  readonly url: URL;
  /** What the configuration says: a URL, or `none`. */
  readonly setting?: string | undefined;
  /** The host's own environment. */
  readonly environment: Readonly<Record<string, string | undefined>>;
}

/**
 * The address of the proxy for a server, as it was written; undefined: none. The names are those of curl: HTTP_PROXY for
 * `http` and `ws`, HTTPS_PROXY for `https` and `wss`, ALL_PROXY for both, NO_PROXY for exceptions, the lower-case name
 * first. This machine is reached through a proxy only when the configuration says so.
 */
export function chooseProxy({ url, setting, environment }: ProxyChoice): string | undefined {
  if (setting !== undefined) return setting === 'none' ? undefined : setting;
  const isSecure = url.protocol === 'https:' || url.protocol === 'wss:';
  const target = {
    host: url.hostname.replace(/^\[(.*)\]$/, '$1').toLowerCase(),
    port: url.port === '' ? (isSecure ? 443 : 80) : Number(url.port),
  };
  if (isLoopback(target) || isExempt(read(environment, 'no_proxy') ?? '', target)) return undefined;
  return read(environment, isSecure ? 'https_proxy' : 'http_proxy') ?? read(environment, 'all_proxy');
}

/** A variable that is set to nothing is as good as one that is not set. */
function read(environment: ProxyChoice['environment'], name: string): string | undefined {
  return environment[name] || environment[name.toUpperCase()] || undefined;
}
