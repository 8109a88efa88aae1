import { hostInfo } from '@hostler/upstream';
import { expect, it } from 'vitest';
import { publishedPackages } from './workspace.ts';

it('every published package has the version that the host names to clients and servers', () => {
  const versions = publishedPackages().map(({ manifest }) => manifest.version);
  expect(versions.length).toBeGreaterThan(10);
  expect(new Set(versions)).toEqual(new Set([hostInfo['version']]));
});
