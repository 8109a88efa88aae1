/** Commands of documents that the checker does not run itself, and what does. */
export interface Showing {
  /** `*` stands for anything. */
  readonly commands: readonly string[];
  /** Words of the line of `.ci/run` that runs it. */
  readonly ci?: string;
  /** What of that: a file or folder of this repository. */
  readonly by?: string;
  /** Why nothing runs it as it stands, and what comes nearest. */
  readonly notRun?: string;
}

const account = 'needs an account at Google Cloud, and changes what is there';
const machine =
  'changes the machine that it runs on; the unit, its files and folders are checked by tests/deploy/systemd.test.ts';
const cluster = 'tests/deploy/api-server/api-server.test.ts';
const rehearsal = 'pnpm run rehearse';

export const shownElsewhere: readonly Showing[] = [
  // The tree itself.
  { commands: ['npm test'], ci: 'npm test' },
  { commands: ['npm start', 'npm start -- --port 9000'], ci: 'check-quick-start', by: 'scripts/check-quick-start.mjs' },
  { commands: ['pnpm check'], ci: 'pnpm run types', by: 'package.json' },
  { commands: ['pnpm install', 'pnpm install --frozen-lockfile'], ci: 'npm test', by: 'scripts/dev.mjs' },
  { commands: ['pnpm build'], ci: 'pnpm run build' },
  { commands: ['pnpm check:packages'], ci: 'pnpm run check:packages' },

  // What is published, used by a stranger.
  {
    commands: ['pnpm rehearse', 'pnpm rehearse examples', 'pnpm rehearse --update'],
    ci: rehearsal,
    by: 'scripts/rehearse/main.mjs',
  },
  { commands: ['pnpm --recursive publish *'], ci: rehearsal, by: 'scripts/rehearse/publish-all.mjs' },
  { commands: ['pnpm new package *'], ci: rehearsal, by: 'scripts/rehearse/new-package.mjs' },
  { commands: ['npm install @hostler/*'], ci: rehearsal, by: 'scripts/rehearse/install-alone.mjs' },
  { commands: ['npx hostler --version'], ci: rehearsal, by: 'scripts/rehearse/start-programs.mjs' },
  {
    commands: ['npx hostler validate hostler.yaml', 'npx hostler call everything__get-sum *'],
    ci: rehearsal,
    by: 'scripts/rehearse/run-examples.mjs',
  },
  {
    commands: ['cd hostler-secrets-acme && npm install && npm test'],
    ci: rehearsal,
    by: 'scripts/rehearse/scaffold.mjs',
  },
  { commands: ['npm install', 'npm publish'], ci: rehearsal, by: 'scripts/rehearse/strangers-provider.mjs' },

  // Hosts of other tests.
  { commands: ['pnpm --filter @hostler/example-* start'], ci: 'run drills', by: 'tests/e2e/examples.test.ts' },
  { commands: ['hostler secrets rotate aws://*'], ci: 'npm test', by: 'apps/cli/test/secrets.test.ts' },
  { commands: ['hostler oauth revoke *'], ci: 'npm test', by: 'apps/cli/test/oauth.test.ts' },
  { commands: ['hostler servers add web *'], ci: 'npm test', by: 'apps/cli/test/servers.test.ts' },
  {
    commands: [
      'npx hostler secrets check --config hostler.yaml',
      'npx hostler run hostler.yaml',
      'npx hostler secrets rotate',
    ],
    notRun:
      'needs secrets in both clouds; the example beside it does the same with stand-ins (tests/e2e/examples.test.ts)',
  },

  // Deployment.
  { commands: ['npm install --global *', 'install -*', 'systemctl *'], notRun: machine },
  {
    commands: [
      'kubectl --namespace hostler create secret *',
      'kubectl diff -k *',
      'kubectl apply -k *',
      'helm upgrade --install *',
    ],
    ci: 'deploy:api-server',
    by: cluster,
  },
  {
    commands: ['kubectl create namespace *', 'kubectl --namespace hostler rollout status *'],
    notRun: `needs a cluster with nodes; ${cluster} has an API server alone, which is given the same namespace`,
  },
  {
    commands: ['bash scripts/deploy.sh *', 'bash scripts/rollback.sh', 'bash scripts/rollback.sh *'],
    ci: 'containers',
    by: 'tests/containers/rollback.test.ts',
  },
  {
    commands: ['pnpm docker:build', 'pnpm docker:build all'],
    ci: 'containers',
    by: 'scripts/containers.mjs',
  },
  {
    commands: ['PLATFORMS=linux/amd64,linux/arm64 pnpm docker:build all'],
    ci: 'containers',
    by: 'tests/containers/platforms.test.ts',
  },
  { commands: ['docker run --rm hostler-cli:dev *'], ci: 'containers', by: 'tests/containers/entrypoint.test.ts' },
  { commands: ['docker run --detach --name hostler *'], ci: 'containers', by: 'tests/containers/api.test.ts' },
  { commands: ['docker build --tag * docker/examples/*'], ci: 'containers', by: 'tests/containers/examples.test.ts' },
  {
    commands: ['sh deploy/compose/create-secrets.sh', 'pnpm docker:prod', 'pnpm docker:clean'],
    ci: 'containers',
    by: 'tests/containers/compose.test.ts',
  },
  { commands: ['pnpm docker:dev'], ci: 'containers', by: 'tests/containers/compose-dev.test.ts' },
  {
    commands: ['REGISTRY=* pnpm docker:build release --push'],
    notRun: 'needs a registry that it may write to; .github/workflows/build-and-deploy.yml publishes in the same way',
  },
  { commands: ['bash scripts/rollout.sh *'], ci: 'deploy:check', by: 'tests/deploy/pipelines/rollout.test.ts' },
  {
    commands: [
      'bash scripts/backup.sh *',
      'bash scripts/restore.sh *',
      'export COMPOSE_PROJECT_NAME=*',
      'docker compose exec -T api hostler audit verify',
      'docker compose down --volumes',
    ],
    ci: 'containers',
    by: 'tests/containers/backup.test.ts',
  },
  {
    commands: ['kubectl -n hostler rollout *', 'kubectl -n hostler set image *'],
    notRun:
      'needs a cluster with nodes; scripts/rollout.sh sets and watches an image in the same way, tested with a stand-in by tests/deploy/pipelines/rollout.test.ts',
  },
  { commands: ['gcloud *'], notRun: account },
  { commands: ['claude mcp add *'], notRun: 'needs that client, and an account for it' },
];
