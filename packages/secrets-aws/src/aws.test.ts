import { parseSecretRef, secretErrors } from '@hostler/secrets';
import { describe, expect, it } from 'vitest';
import { aws } from './aws.ts';
import type { AwsOptions } from './aws-options.ts';

const ARN = 'arn:aws:secretsmanager:eu-west-1:123456789012:secret:team/db-a1B2c3';
const VERSION = '11111111-2222-4333-8444-555555555555';

async function problemOf(reference: string): Promise<string | undefined> {
  const provider = await aws.create({});
  return provider.problemOf?.(parseSecretRef(reference));
}

describe('a reference to AWS', () => {
  it.each([
    'aws://db',
    'aws:///prod/db',
    'aws://team/api_token+1=a.b@c-d',
    `aws://${'n'.repeat(512)}`,
    `aws://db?version=${VERSION}`,
    'aws://db?stage=AWSPENDING',
    `aws://${ARN}`,
    `aws://${ARN}?stage=AWSPREVIOUS`,
    `aws://${ARN}?version=${VERSION}`,
    `aws://${ARN.replace('aws', 'aws-cn').replace('eu-west-1', 'cn-north-1')}`,
    `aws://${ARN.replace('aws', 'aws-us-gov').replace('eu-west-1', 'us-gov-west-1')}`,
    'aws://db#password.value',
  ])('can be %s', async (reference) => {
    expect(await problemOf(reference)).toBeUndefined();
  });

  it.each([
    ['aws://two words', 'letters, digits and /_+=.@-'],
    ['aws://name:5', 'letters, digits and /_+=.@-'],
    ['aws://größe', 'letters, digits and /_+=.@-'],
    [`aws://${'n'.repeat(513)}`, 'up to 512'],
    ['aws://?stage=AWSCURRENT', 'or write the whole ARN'],
    ['aws://arn:aws:secretsmanager', 'REGION:ACCOUNT:secret:NAME-SUFFIX'],
    [`aws://${ARN.replace('secretsmanager', 'ssm')}`, 'REGION:ACCOUNT:secret:NAME-SUFFIX'],
    [`aws://${ARN.replace(':secret:', ':parameter:')}`, 'REGION:ACCOUNT:secret:NAME-SUFFIX'],
    [`aws://${ARN.replace('aws', 'gcp')}`, 'REGION:ACCOUNT:secret:NAME-SUFFIX'],
    [`aws://${ARN}:password`, 'REGION:ACCOUNT:secret:NAME-SUFFIX'],
    [`aws://${ARN.replace('eu-west-1', 'ireland')}`, 'eu-west-1'],
    [`aws://${ARN.replace('eu-west-1', '')}`, 'eu-west-1'],
    [`aws://${ARN.replace('123456789012', '12345')}`, '12 digits'],
    [`aws://${ARN.replace('-a1B2c3', '')}`, 'six characters'],
    ['aws://db?', 'version=ID and stage=LABEL'],
    ['aws://db?region=eu-west-1', 'version=ID and stage=LABEL'],
    ['aws://db?version=3', '32 to 64 characters'],
    ['aws://db?stage=', 'one staging label'],
    [`aws://db?stage=AWSPENDING&version=${VERSION}`, 'one staging label'],
    [`aws://db?version=${VERSION}&stage=AWSPENDING`, '32 to 64 characters'],
    ['aws://db?stage=A?stage=B', 'one staging label'],
  ])('is not %s', async (reference, mend) => {
    expect(await problemOf(reference)).toContain(mend);
    const provider = await aws.create({});
    const reading = provider.read(parseSecretRef(reference), { signal: new AbortController().signal, fetch });
    await expect(reading).rejects.toMatchObject({ code: secretErrors.REFERENCE_INVALID.code });
  });
});

describe('the options of AWS', () => {
  it.each([
    {},
    { region: 'ap-southeast-2', profile: 'work' },
    { region: 'us-gov-west-1' },
    { endpoint: 'https://vpce-1.secretsmanager.eu-west-1.vpce.amazonaws.com' },
    { endpoint: 'http://127.0.0.1:4566' },
    { endpoint: 'http://[::1]:4566' },
    { endpoint: 'http://localhost:4566' },
  ])('may be %j', async (options) => {
    await expect(aws.create(options)).resolves.toMatchObject({ scheme: 'aws' });
  });

  it.each([
    [{ region: 'Ireland' }, 'region'],
    [{ profile: '' }, 'profile'],
    [{ endpoint: 'http://secrets.example.com' }, 'endpoint'],
    [{ endpoint: 'http://localhost.example.com' }, 'endpoint'],
    [{ endpoint: 'https://user:password@example.com' }, 'endpoint'],
    [{ endpoint: 'https://example.com/?token=1' }, 'endpoint'],
    [{ endpoint: 'ftp://localhost' }, 'endpoint'],
    [{ endpoint: 'nowhere' }, 'endpoint'],
    [{ accessKeyId: 'AKIAIOSFODNN7EXAMPLE' }, 'accessKeyId'],
  ])('are not %j', async (options, path) => {
    const creating = aws.create(options as AwsOptions);
    await expect(creating).rejects.toMatchObject({
      code: secretErrors.OPTIONS_INVALID.code,
      message: `The secret provider for aws:// is set up wrongly: check these options: ${path}.`,
    });
  });
});
