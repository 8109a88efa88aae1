// wait-for.mjs HOST:PORT,… SECONDS: until each of them has accepted a connection. Exit code 3 when one has not in time, 2
// when the addresses are none.
import { connect } from 'node:net';

const RETRY = 250;
const ATTEMPT = 2_000;

const [list = '', patience = '30'] = process.argv.slice(2);
const addresses = list
  .split(',')
  .map((text) => text.trim())
  .filter((text) => text !== '');
const seconds = Number(patience);
if (!Number.isFinite(seconds) || seconds <= 0) fail(2, `HOSTLER_WAIT_TIMEOUT must be seconds, not "${patience}".`);
const end = Date.now() + seconds * 1_000;
await Promise.all(addresses.map(waitFor));

async function waitFor(address) {
  const [, host = '', port = ''] = /^(?:\[?([^\]]+?)\]?):(\d{1,5})$/.exec(address) ?? [];
  if (host === '' || Number(port) > 65_535) fail(2, `HOSTLER_WAIT_FOR: "${address}" is not host:port.`);
  for (let attempts = 1; ; attempts += 1) {
    const problem = await attempt(host, Number(port));
    if (problem === undefined) return;
    if (Date.now() + RETRY >= end) {
      fail(3, `${address} accepts no connection after ${seconds} s and ${attempts} attempts: ${problem}.`);
    }
    await new Promise((resolve) => setTimeout(resolve, RETRY));
  }
}

/** Why there is no connection; absent: there is one. */
function attempt(host, port) {
  return new Promise((resolve) => {
    const socket = connect({ host, port, timeout: Math.max(1, Math.min(ATTEMPT, end - Date.now())) });
    const finish = (problem) => {
      socket.destroy();
      resolve(problem);
    };
    socket.once('connect', () => finish());
    socket.once('timeout', () => finish('no answer'));
    socket.once('error', (error) => finish(error.code ?? error.message));
  });
}

function fail(exitCode, message) {
  process.stderr.write(`${JSON.stringify({ level: 'error', time: new Date().toISOString(), msg: message })}\n`);
  process.exit(exitCode);
}
