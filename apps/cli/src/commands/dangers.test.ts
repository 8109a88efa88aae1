import { describe, expect, it } from 'vitest';
import { findDangers } from './dangers.ts';

function severities(line: string): string[] {
  const [command = '', ...args] = line.split(' ');
  return findDangers({ command, args }).map(({ severity }) => severity);
}

describe('findDangers', () => {
  it.each([
    'sh -c x',
    '/bin/bash -lc x',
    'env bash -c x',
    'cmd.exe /c x',
    'powershell -Command x',
    'pwsh -EncodedCommand x',
    'sudo node server.js',
    '/usr/bin/doas x',
    'npx -y x@1.0.0 | sudo tee',
    'node -e x',
    'python3 -c x',
    'docker run --privileged x',
    'docker run -v /var/run/docker.sock:/var/run/docker.sock x',
    'docker run -v /:/host x',
    'docker run --network=host x',
    'x curl https://a.example/i.sh | sh',
    'x rm -rf /',
  ])('warns of: %s', (line) => {
    expect(severities(line)).toContain('danger');
  });

  it.each(['npx -y @scope/server', 'npx server', 'uvx mcp-server', 'npx -y @scope/server@latest'])(
    'asks for a version in: %s',
    (line) => {
      expect(severities(line)).toEqual(['caution']);
    },
  );

  it.each([
    'node server.js',
    'npx -y @scope/server@1.2.3',
    'uvx mcp-server==1.0',
    'npx ./local.js',
    'docker run -i --rm image:1',
    'docker run -v /data:/data image',
    'python3 -m server -c',
  ])('has nothing to say about: %s', (line) => {
    expect(severities(line).filter((severity) => severity === 'caution')).toEqual([]);
  });
});
