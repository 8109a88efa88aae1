/** A version of a secret in Secret Manager, as a reference names it. */
export interface SecretName {
  /** Absent when the reference leaves it to the options or the credentials. */
  readonly project?: string;
  /** Present for a regional secret, which another endpoint serves. */
  readonly location?: string;
  readonly secret: string;
  /** `latest`, a number, or an alias. */
  readonly version: string;
}

type Parts = Partial<Record<keyof SecretName, string>>;

const VERSION = '(?:/versions/(?<version>[^/]*))?';
const FORMS = [
  new RegExp(`^projects/(?<project>[^/]*)/secrets/(?<secret>[^/]*)${VERSION}$`),
  new RegExp(`^projects/(?<project>[^/]*)/locations/(?<location>[^/]*)/secrets/(?<secret>[^/]*)${VERSION}$`),
  new RegExp(`^(?<secret>[^/]*)${VERSION}$`),
  new RegExp(`^(?!projects/)(?<project>[^/]*)/(?!versions$)(?<secret>[^/]*)${VERSION}$`),
];

const PROJECT_ID = /^(?:[a-z0-9][a-z0-9.-]{0,252}\.[a-z]{2,63}:)?[a-z][a-z0-9-]{4,28}[a-z0-9]$/;
const PROJECT_NUMBER = /^[1-9]\d{0,18}$/;
/** It becomes part of a host name. */
const LOCATION = /^[a-z][a-z0-9]*(?:-[a-z0-9]+)*$/;
const SECRET = /^[A-Za-z0-9_-]{1,255}$/;
const NUMBER = /^[1-9]\d{0,18}$/;
const ALIAS = /^[A-Za-z][A-Za-z0-9_-]{0,62}$/;

export function isProject(text: string): boolean {
  return PROJECT_ID.test(text) || PROJECT_NUMBER.test(text);
}

/** Whether a version is one for ever: only numbers are; `latest` and aliases move. */
export function isPinned({ version }: SecretName): boolean {
  return NUMBER.test(version);
}

/** The name that the path of a reference spells, or a sentence on what to write instead. */
export function parseSecretName(path: string): SecretName | { readonly problem: string } {
  const parts = FORMS.map((form) => form.exec(path)?.groups as Parts | undefined).find((each) => each !== undefined);
  if (parts === undefined) {
    return {
      problem:
        'write gcp://SECRET, gcp://PROJECT/SECRET or gcp://projects/PROJECT/secrets/SECRET, then /versions/VERSION for one version.',
    };
  }
  const { project, location, secret = '', version = 'latest' } = parts;
  const problem = problemOfParts({ project, location, secret, version });
  if (problem !== undefined) return { problem };
  return {
    secret,
    version,
    ...(project === undefined ? {} : { project }),
    ...(location === undefined ? {} : { location }),
  };
}

/** `projects/P/secrets/S`, which IAM calls the resource. */
export function secretResource(name: SecretName, project: string): string {
  const location = name.location === undefined ? '' : `/locations/${name.location}`;
  return `projects/${project}${location}/secrets/${name.secret}`;
}

function problemOfParts({
  project,
  location,
  secret,
  version,
}: Record<keyof SecretName, string | undefined>): string | undefined {
  if (project !== undefined && !isProject(project)) {
    return 'its project must be a project id (6 to 30 lower-case letters, digits and -, beginning with a letter) or a project number.';
  }
  if (location !== undefined && !(location.length <= 63 && LOCATION.test(location))) {
    return 'its location must be the name of a region, for example europe-west4.';
  }
  if (secret === undefined || !SECRET.test(secret)) return 'its secret must be 1 to 255 letters, digits, _ and -.';
  if (version === undefined || !(NUMBER.test(version) || ALIAS.test(version))) {
    return 'its version must be latest, a number from 1 on, or an alias of up to 63 letters, digits, _ and - that begins with a letter.';
  }
  return undefined;
}
