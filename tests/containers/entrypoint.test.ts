import { afterEach, describe, expect, it } from 'vitest';
import { configurationWith, slowServer, startContainer } from './support/container.ts';
import type { Container, ContainerOptions } from './support/container.ts';
import { docker, image, tryDocker } from './support/docker.ts';

let container: Container | undefined;

async function start(options: ContainerOptions): Promise<Container> {
  container = await startContainer(options);
  return container;
}

afterEach(async () => {
  await container?.remove();
  container = undefined;
});

describe('the entrypoint', () => {
  it('runs the command line as its first word says', async () => {
    const version = await docker('run', '--rm', image('api'), 'cli', '--version');
    expect(version).toMatch(/^\d+\.\d+\.\d+/);
    expect(await docker('run', '--rm', image('cli'), '--version')).toBe(version);
    expect(await docker('run', '--rm', image('cli'))).toContain('Usage: hostler');
    expect(await docker('run', '--rm', image('api'), 'hostler', '--version')).toBe(version);
  });

  it('runs any other command as it is', async () => {
    expect(await docker('run', '--rm', image('api'), 'node', '-p', '6 * 7')).toBe('42');
  });

  it('tells every problem of a configuration at once, and exits 2', async () => {
    const { exitCode, log } = await start({
      configuration: 'servers:\n  a: { comand: x }\n  b: { url: nope }\nlisten: { port: many }\n',
    });
    expect(await exitCode()).toBe(2);
    const said = await log();
    for (const part of ['hostler.yaml:2', 'hostler.yaml:3', 'hostler.yaml:4', 'comand']) expect(said).toContain(part);
    expect(said).not.toContain('listening');
  });

  it('starts nothing that anybody could use', async () => {
    const { exitCode, log } = await start({ configuration: `servers:\n${slowServer}\n` });
    expect(await exitCode()).not.toBe(0);
    expect(await log()).toContain('consumers');
  });

  it('says what it has waited for, and exits 3', async () => {
    const options = ['--env=HOSTLER_WAIT_FOR=127.0.0.1:6379,127.0.0.1:5432', '--env=HOSTLER_WAIT_TIMEOUT=1'];
    const { exitCode, log, started } = await start({ options });
    expect(await exitCode()).toBe(3);
    expect(performance.now() - started).toBeLessThan(10_000);
    expect(await log()).toMatch(
      /127\.0\.0\.1:(6379|5432) accepts no connection after 1 s and \d attempts: ECONNREFUSED/,
    );
  });

  it.each([
    ['nonsense', '30'],
    ['redis:99999', '30'],
    ['redis:6379', 'soon'],
  ])('refuses to wait for %s for %s', async (address, patience) => {
    const { exitCode } = await start({
      options: [`--env=HOSTLER_WAIT_FOR=${address}`, `--env=HOSTLER_WAIT_TIMEOUT=${patience}`],
    });
    expect(await exitCode()).toBe(2);
  });

  it('goes on as soon as what it waits for is there', async () => {
    const listener = 'require("net").createServer().listen(7000,"127.0.0.1")';
    const { exitCode } = await tryDocker([
      'run',
      '--rm',
      '--entrypoint=sh',
      image('api'),
      '-euc',
      `node -e '${listener}' & node /usr/local/lib/hostler/wait-for.mjs 127.0.0.1:7000 10`,
    ]);
    expect(exitCode).toBe(0);
  });

  it('has the health check say what the engine asks for', async () => {
    const running = await start({ configuration: configurationWith(slowServer) });
    await running.answers('/readyz', 200);
    expect(await running.exec('hostler', 'health')).toMatch(/^ready \(http:\/\/127\.0\.0\.1:8000\/readyz/);
    expect(JSON.parse(await running.exec('hostler', 'health', '--live', '--json'))).toMatchObject({ healthy: true });
    const { exitCode } = await tryDocker(['exec', '--env=PORT=8001', running.name, 'hostler', 'health']);
    expect(exitCode).toBe(3);
  });
});
