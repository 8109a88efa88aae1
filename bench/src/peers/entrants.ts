import { fileURLToPath } from 'node:url';
import { writeDeployedConfig, writeOffConfig } from '../hostler-config.ts';
import type { HostlerConfig } from '../hostler-config.ts';
import type { Entrant } from './contender.ts';
import { installed } from './install.ts';
import { RIVALS } from './rivals.ts';
import type { Rival, Upstream } from './rivals.ts';

const SOURCE_CLI = fileURLToPath(new URL('../../../apps/cli/src/main.ts', import.meta.url));

/** All that stand between HTTP and this kind of server, Hostler's two forms first. */
export function entrantsFor(kind: Upstream['kind'], cli: string | undefined): Entrant[] {
  const rivals = RIVALS.filter(({ upstreams }) => upstreams.includes(kind));
  const off = hostler('Hostler, everything off', cli, writeOffConfig);
  const deployed = hostler('Hostler as deployed', cli, writeDeployedConfig);
  return [off, deployed, ...rivals.map(entrantOf)];
}

function entrantOf(rival: Rival): Entrant {
  return {
    name: `${rival.name} ${rival.version}`,
    isHostler: false,
    program: async () => [await installed(rival)],
    launch: (stage) => rival.launch(stage),
  };
}

type WriteConfig = (directory: string, echo: object) => HostlerConfig;

/** From its sources, without a build, or from a build of the CLI. */
function hostler(name: string, cli: string | undefined, write: WriteConfig): Entrant {
  return {
    name,
    isHostler: true,
    program: () => Promise.resolve(cli === undefined ? ['--conditions=@hostler/source', SOURCE_CLI] : [cli]),
    launch({ upstream, port, directory }) {
      const [command, ...rest] = upstream.kind === 'stdio' ? upstream.command : [];
      const echo = upstream.kind === 'http' ? { url: upstream.url } : { command, args: rest };
      const { file, path, key } = write(directory, echo);
      const headers = key === undefined ? {} : { authorization: `Bearer ${key}` };
      return { arguments: ['run', file, '--port', String(port), '--json'], path, headers };
    },
  };
}
