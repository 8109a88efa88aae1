import { REGION } from './aws-options.ts';

/** Which secret, and which of its versions, a reference names. */
export interface SecretAddress {
  /** Its name, or its whole ARN. */
  readonly id: string;
  /** The region of the ARN. */
  readonly region?: string;
  readonly version?: string;
  readonly stage?: string;
}

// docs.aws.amazon.com/secretsmanager: CreateSecret (Name), GetSecretValue (VersionId, VersionStage).
const NAME = /^[\w/+=.@-]{1,512}$/;
const VERSION = /^[\w+=.@-]{32,64}$/;
const STAGE = /^[\w/+=.@-]{1,256}$/;
const PARTITION = /^aws(?:-[a-z]+){0,2}$/;
const ACCOUNT = /^\d{12}$/;
/** Secrets Manager adds a hyphen and six characters to the name. */
const NAME_WITH_SUFFIX = /^[\w/+=.@-]{1,512}-[A-Za-z0-9]{6}$/;

type Parsed<T> = T | { readonly problem: string };

/** Reads `name` or an ARN, with `?version=` or `?stage=`; otherwise says what to write instead. */
export function parseSecretAddress(path: string): Parsed<SecretAddress> {
  const mark = path.indexOf('?');
  const id = mark < 0 ? path : path.slice(0, mark);
  const target = id.startsWith('arn:') ? parseArn(id) : parseName(id);
  if ('problem' in target || mark < 0) return target;
  const choice = parseChoice(path.slice(mark + 1));
  return 'problem' in choice ? choice : { ...target, ...choice };
}

function parseName(name: string): Parsed<SecretAddress> {
  if (NAME.test(name)) return { id: name };
  return { problem: 'a name holds up to 512 letters, digits and /_+=.@-; or write the whole ARN of the secret.' };
}

function parseArn(arn: string): Parsed<SecretAddress> {
  const [, partition = '', service, region = '', account = '', kind, name = '', ...rest] = arn.split(':');
  if (service !== 'secretsmanager' || kind !== 'secret' || rest.length > 0 || !PARTITION.test(partition)) {
    return { problem: 'write the ARN as arn:aws:secretsmanager:REGION:ACCOUNT:secret:NAME-SUFFIX.' };
  }
  if (!REGION.test(region)) return { problem: 'the region in the ARN is none: write for example eu-west-1.' };
  if (!ACCOUNT.test(account)) return { problem: 'the account in the ARN has to be 12 digits.' };
  if (!NAME_WITH_SUFFIX.test(name)) {
    return {
      problem: 'write the whole ARN: its last part is the name, a hyphen and the six characters that AWS added.',
    };
  }
  return { id: arn, region };
}

function parseChoice(query: string): Parsed<Pick<SecretAddress, 'version' | 'stage'>> {
  const equals = query.indexOf('=');
  const value = query.slice(equals + 1);
  switch (equals < 0 ? query : query.slice(0, equals)) {
    case 'version':
      return VERSION.test(value) ? { version: value } : { problem: 'a version id has 32 to 64 characters (a UUID).' };
    case 'stage':
      return STAGE.test(value)
        ? { stage: value }
        : { problem: 'write one staging label of letters, digits and /_+=.@-, for example ?stage=AWSPENDING.' };
    default:
      return { problem: 'after ? write one of version=ID and stage=LABEL.' };
  }
}
