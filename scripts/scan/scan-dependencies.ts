import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

/** A known hole that is looked at and accepted for a time. */
export interface AllowedAdvisory {
  readonly advisory: string;
  readonly reason: string;
  /** A date; from then on the hole is a finding again. */
  readonly until: string;
}

interface Advisory {
  readonly severity: string;
  readonly module_name: string;
  readonly title: string;
  readonly url: string;
  readonly vulnerable_versions?: string;
}

export interface ScanDependenciesOptions {
  readonly registry?: string;
  /** Whether a registry that cannot be asked is a failure. */
  readonly isRequired?: boolean;
  readonly allowed?: readonly AllowedAdvisory[];
  readonly now?: Date;
}

const FILE = new URL('allowed-advisories.json', import.meta.url);
const STOPPING: ReadonlySet<string> = new Set(['high', 'critical']);

/** Asks the registry what is known of the packages that run in production. False: a grave hole that nobody has accepted. */
export function scanDependencies(folder: string, options: ScanDependenciesOptions = {}): boolean {
  const { registry, isRequired = false, now = new Date() } = options;
  const allowed = options.allowed ?? readAllowedAdvisories();
  const to = registry === undefined ? [] : ['--registry', registry];
  const { stdout, stderr } = spawnSync('pnpm', ['audit', '--prod', '--audit-level', 'high', '--json', ...to], {
    cwd: folder,
    encoding: 'utf8',
    timeout: 120_000,
    maxBuffer: 1 << 28,
  });
  const advisories = advisoriesIn(stdout);
  if (advisories === undefined) {
    const reason = /ERR_\w+|responded with \d+/g.exec(`${stdout}${stderr}`)?.[0] ?? 'no answer';
    console.log(
      `dependencies: ${isRequired ? 'FAILED' : 'skipped'}: the registry does not tell what is known (${reason})`,
    );
    return !isRequired;
  }
  const isAccepted = ({ url }: Advisory): boolean =>
    allowed.some(({ advisory, until }) => url.endsWith(`/${advisory}`) && now < new Date(until));
  const grave = advisories.filter(({ severity }) => STOPPING.has(severity));
  const left = grave.filter((advisory) => !isAccepted(advisory));
  for (const { severity, module_name: name, title, url, vulnerable_versions: versions = '' } of left) {
    console.error(`${severity}: ${name} ${versions}: ${title}\n  ${url}`);
  }
  console.log(
    `dependencies: ${left.length === 0 ? 'no' : left.length} known hole of grade high or critical (${grave.length - left.length} accepted)`,
  );
  return left.length === 0;
}

/** @throws when an entry lacks what a reviewer needs */
export function readAllowedAdvisories(): readonly AllowedAdvisory[] {
  const entries = JSON.parse(readFileSync(FILE, 'utf8')) as readonly Partial<AllowedAdvisory>[];
  return entries.map(({ advisory, reason, until }) => {
    if (!advisory || !reason || !until || Number.isNaN(Date.parse(until))) {
      throw new Error(`allowed-advisories.json: ${JSON.stringify(advisory)} needs advisory, reason and until`);
    }
    return { advisory, reason, until };
  });
}

function advisoriesIn(text: string): readonly Advisory[] | undefined {
  try {
    const { advisories } = JSON.parse(text) as { advisories?: Readonly<Record<string, Advisory>> };
    return advisories && Object.values(advisories);
  } catch {
    return undefined;
  }
}
