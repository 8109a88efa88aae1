import { existsSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { startContainer } from './support/container.ts';
import { docker, image, tryDocker } from './support/docker.ts';
import { print } from './support/print.ts';

const { stdout: driver } = await tryDocker(['info', '--format', '{{.DriverStatus}}']);
/** Otherwise it keeps images of its own platform only. */
const keepsBoth = driver.includes('io.containerd.snapshotter');
const EMULATED_LIMIT = 120_000;
const emulates = existsSync('/proc/sys/fs/binfmt_misc/qemu-aarch64');

describe.skipIf(!keepsBoth)('every image', () => {
  it.each(['api', 'api-runtimes', 'cli', 'dev'] as const)('%s is there for both platforms', async (name) => {
    for (const platform of ['linux/amd64', 'linux/arm64']) {
      // Creating one takes the image of that platform; nothing of it runs.
      const created = await tryDocker(['create', '--pull=never', `--platform=${platform}`, image(name)]);
      expect(created).toMatchObject({ exitCode: 0 });
      await docker('rm', '--volumes', created.stdout.trim());
    }
  });
});

describe.skipIf(!keepsBoth || !emulates)('an image of the other platform, emulated', () => {
  it('runs Node, tini, Python and uv of that platform', async () => {
    const printed = await docker(
      'run',
      '--rm',
      '--platform=linux/arm64',
      image('api-runtimes'),
      'sh',
      '-euc',
      'node -p process.arch; python3 -c "import platform; print(platform.machine())"; uv --version; tini --version',
    );
    expect(printed).toMatch(/^arm64\naarch64\nuv .*aarch64.*\ntini/);
  });

  it('becomes ready', async () => {
    const container = await startContainer({ options: ['--platform=linux/arm64', '--no-healthcheck'] });
    try {
      // Emulated, Node takes several times as long.
      await container.answers('/readyz', 200, EMULATED_LIMIT);
      print('arm64 under emulation ready after', (performance.now() - container.started) / 1000, 's');
      expect(await container.exec('node', '-p', 'process.arch')).toBe('arm64');
    } finally {
      await container.remove();
    }
  });
});
