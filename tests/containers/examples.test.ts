import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import process from 'node:process';
import { afterEach, describe, expect, it } from 'vitest';
import { connect } from './support/connect.ts';
import { startContainer } from './support/container.ts';
import type { Container } from './support/container.ts';
import { docker, image, root, tryDocker } from './support/docker.ts';

const built: string[] = [];
let container: Container | undefined;

afterEach(async () => {
  await container?.remove();
  for (const name of built.splice(0)) await tryDocker(['image', 'rm', '--force', name]);
});

/** Builds an example on top of the image that is tested, and starts it with its own configuration. */
async function start(example: string, base: string): Promise<Container> {
  const folder = join(root, 'docker/examples', example);
  const name = `hostler-test-${example}:${process.env['TAG'] ?? 'dev'}`;
  const trust = process.env['CA_FILE'] ? [`--secret=id=ca,src=${process.env['CA_FILE']}`] : [];
  built.push(name);
  await docker('buildx', 'build', '--load', `--tag=${name}`, `--build-arg=HOSTLER_IMAGE=${base}`, ...trust, folder);
  container = await startContainer({
    image: name,
    // The folder of the test hides that of the image.
    configuration: await readFile(join(folder, 'hostler.yaml'), 'utf8'),
  });
  await container.answers('/readyz', 200);
  return container;
}

describe('an image of one’s own servers', () => {
  it('has a server of npm', async () => {
    const running = await start('npm-server', image('api'));
    const { call, close } = await connect(await running.base(), running.key);
    expect(await call('everything__echo', { message: 'hello' })).toBe('Echo: hello');
    await close();
  });

  it('has a server in Python', async () => {
    const running = await start('python-server', image('api-runtimes'));
    const { call, close } = await connect(await running.base(), running.key);
    expect(await call('words__count', { text: 'one two three' })).toBe('3');
    await close();
  });
});
