import type { UpstreamSpec } from '@hostler/kernel';
import { chaosServer } from '@hostler/test-kit';

/** A chaos server as the host starts it. */
export function chaosSpec(name: string, parameters: readonly string[] = [], callTimeout = 30_000): UpstreamSpec {
  const { command, args } = chaosServer(...parameters);
  return {
    name,
    transport: { kind: 'stdio', command, args, env: {}, cwd: process.cwd() },
    era: 'auto',
    interactive: true,
    required: false,
    startTimeout: 15_000,
    callTimeout,
  };
}
