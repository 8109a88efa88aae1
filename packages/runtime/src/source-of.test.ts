import type { UpstreamSpec } from '@hostler/kernel';
import { describe, expect, it } from 'vitest';
import { sourceOf } from './source-of.ts';

const FOLDER = '/etc/hostler';

function source(transport: object): unknown {
  return sourceOf({ transport } as unknown as UpstreamSpec, FOLDER);
}

describe('sourceOf', () => {
  const program = {
    kind: 'stdio',
    command: 'node',
    args: ['server.js'],
    env: { B: { value: 'x' }, A: { value: 'y' } },
  };
  const site = { kind: 'http', url: 'https://a.example/mcp', headers: { authorization: { value: 'x' } } };

  it('is the same on every machine, and holds no values', () => {
    expect(source({ ...program, cwd: FOLDER })).toEqual({ command: 'node', args: ['server.js'], env: ['A', 'B'] });
    expect(source(site)).toEqual({ url: 'https://a.example/mcp', headers: ['authorization'] });
  });

  it('is another one in another folder, where the same arguments name other files', () => {
    expect(source({ ...program, cwd: `${FOLDER}/tools` })).toMatchObject({ cwd: './tools' });
    expect(source({ ...program, cwd: '/srv' })).toMatchObject({ cwd: '/srv' });
  });

  it('is another one behind another socket, whatever the url says', () => {
    expect(source({ ...site, network: { socket: `${FOLDER}/a.sock` } })).toMatchObject({ socket: './a.sock' });
  });
});
