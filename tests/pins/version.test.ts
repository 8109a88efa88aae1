import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { hostInfo } from '@hostler/upstream';
import { expect, it } from 'vitest';
import { publishedPackages, root } from './workspace.ts';

/** Released together, since what one of them says of its version is true of all three. */
const PRODUCT = ['@hostler/api', '@hostler/cli', '@hostler/upstream'];

it('the product has one version, which the host names to clients and servers', () => {
  const versions = publishedPackages()
    .filter(({ manifest }) => PRODUCT.includes(manifest.name))
    .map(({ manifest }) => manifest.version);
  expect(versions).toHaveLength(PRODUCT.length);
  expect(new Set(versions)).toEqual(new Set([hostInfo['version']]));
});

it('the images say that version', () => {
  const bake = readFileSync(join(root, 'docker-bake.hcl'), 'utf8');
  expect(/variable "VERSION" \{ default = "([^"]*)" \}/.exec(bake)?.[1]).toBe(hostInfo['version']);
});
