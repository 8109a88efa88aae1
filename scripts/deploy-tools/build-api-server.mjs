import { existsSync, mkdirSync, rmSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import process from 'node:process';
import { programs, repository, toolsFolder } from './places.mjs';
import { runProgram } from './run-program.mjs';
import { unpackDebian } from './unpack-debian.mjs';

// The newest that Debian 12's Go builds, and one that has every kind in deploy/kubernetes.
const VERSION = '1.26.15';
const GO = 'golang-1.19';

/**
 * Builds the API server of Kubernetes from its Go module, with what tests/deploy/api-server/go.sum says it consists of. About
 * 4 minutes of two cores; the modules and the cache go when it is done.
 * @returns why it could not be built
 */
export function buildApiServer() {
  const work = join(toolsFolder, 'go');
  const missing = unpackDebian([`${GO}-go`, `${GO}-src`], work);
  const own = join(work, 'usr/lib/go-1.19/bin/go');
  const compiler = existsSync(own) ? own : 'go';
  if (missing !== undefined && runProgram('go', ['version']) !== undefined) return `no Go: ${missing}`;
  mkdirSync(programs, { recursive: true });
  const [major, minor] = VERSION.split('.');
  const facts = { gitVersion: `v${VERSION}`, gitMajor: major, gitMinor: minor };
  // What it says on the command line, and what it tells its clients.
  const version = ['k8s.io/component-base/version', 'k8s.io/client-go/pkg/version'].flatMap((place) =>
    Object.entries(facts).map(([name, value]) => `-X ${place}.${name}=${value}`),
  );
  const output = join(programs, 'kube-apiserver');
  const given = [
    'build',
    '-trimpath',
    '-ldflags',
    ['-s', '-w', ...version].join(' '),
    '-o',
    output,
    'k8s.io/kubernetes/cmd/kube-apiserver',
  ];
  try {
    return runProgram(compiler, given, {
      cwd: join(repository, 'tests/deploy/api-server'),
      timeout: 20 * 60_000,
      env: {
        ...process.env,
        PATH: [process.env.PATH, '/usr/bin', '/bin'].join(delimiter),
        GOPATH: join(work, 'path'),
        GOCACHE: join(work, 'cache'),
        GOFLAGS: '-mod=readonly -modcacherw',
        GOTOOLCHAIN: 'local',
        CGO_ENABLED: '0',
      },
    });
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}
