import type { ConsumerSpec, HostPlan } from '@hostler/config';
import type { Check } from './check.ts';

/** Time enough to give everybody a new key. */
const SOON = 14 * 24 * 3_600_000;
const LOOPBACK = /^(?:localhost|127(?:\.\d{1,3}){3}|\[?::1\]?)$/;

/** Who gets in, beyond what is noted where it stands in the configuration. Reads no secret. */
export function checkConsumers({ consumers, listen }: HostPlan, now: number): Check[] {
  const isSafe = listen.tls !== undefined || listen.socket !== undefined || LOOPBACK.test(listen.host);
  // Elsewhere the host refuses to listen then, which another check tells.
  if (consumers === undefined) return [];
  const found = [...(isSafe ? [] : [IN_CLEAR]), ...consumers.flatMap((consumer) => checkOne(consumer, now))];
  if (found.length > 0 || consumers.length === 0) return found;
  return [{ name: 'consumers', status: 'ok', message: consumers.map(({ name }) => name).join(', ') }];
}

const IN_CLEAR: Check = {
  name: 'consumers',
  status: 'warning',
  message: 'the host speaks plain HTTP, so keys and tokens can be read on their way to it',
  mend: 'Give it a certificate (listen.tls), or let it listen on 127.0.0.1 or on a socket, behind a proxy that speaks TLS.',
};

function checkOne({ name, keys, tokens, certificates = [], servers, allow }: ConsumerSpec, now: number): Check[] {
  const checks: Check[] = [];
  // While one key is good for longer, it is the one in use.
  const last = Math.max(...keys.map(({ expires = Number.POSITIVE_INFINITY }) => expires));
  if (tokens.length + certificates.length === 0 && last > now && last - now <= SOON) {
    const message = `its last key ends on ${new Date(last).toISOString().slice(0, 10)}`;
    const mend = `Add a new one beside it (hostler keys create ${name}), give it out, then take the old one away.`;
    checks.push({ name: `consumer ${name}`, status: 'warning', message, mend });
  }
  if (servers?.length === 0 || allow?.length === 0) {
    const list = servers?.length === 0 ? 'servers' : 'allow';
    const mend = `An empty list means nothing. Take "${list}" away to let it see everything.`;
    checks.push({ name: `consumer ${name}`, status: 'warning', message: `"${list}" is empty: it sees nothing`, mend });
  }
  return checks;
}
