import { afterAll, beforeAll, expect, test } from 'vitest';
import { temporaryDirectory } from '@hostler/test-kit';
import type { TemporaryDirectory } from '@hostler/test-kit';
import { readAllowed, withoutAllowed } from '../../scripts/scan/allowed-findings.ts';
import { scanImage } from '../../scripts/scan/scan-image.ts';
import { baseImage, command, deriveImage } from './support/compose-deployment.ts';

// Put together here: the files of this repository are searched as well.
const token = ['ghp', 'wWPw5k4aXcaT4fNP0UcnZwJUVFk6LO0pINUx'].join('_');

let directory: TemporaryDirectory;

beforeAll(async () => {
  directory = await temporaryDirectory();
});

afterAll(async () => {
  await directory[Symbol.asyncDispose]();
  await command('docker', ['image', 'rm', '--force', 'hostler-test-planted:1']);
});

test.each([baseImage, baseImage.replace('hostler-api', 'hostler-api-runtimes')])(
  'no secret in layers, history, environment and labels of %s',
  async (image) => {
    const { findings, what } = await scanImage(image);
    console.log(`${image}: ${what}`);
    expect(withoutAllowed(findings, readAllowed())).toEqual([]);
  },
);

test('one that a later layer takes away, and one in the environment, are found', async () => {
  const image = await deriveImage(directory.path, 'planted', [
    'USER 0',
    // Written by parts: only the file and the environment hold it whole.
    `RUN node -e "require('fs').writeFileSync('/app/planted', ['ghp', '${token.slice(4)}'].join('_'))"`,
    'RUN rm /app/planted',
    `ENV TOKEN=${token}`,
  ]);
  const { findings } = await scanImage(image);
  const places = findings.filter(({ rule }) => rule === 'github').map(({ place }) => place);
  expect(places).toContainEqual(expect.stringMatching(/:app\/planted$/));
  // The document of the image, with its environment and its history.
  expect(places.filter((place) => !place.endsWith('app/planted')).length).toBeGreaterThan(0);
});
