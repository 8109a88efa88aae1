// Every export here is public. Named exports only.

export { aws } from './aws.ts';
export type { AwsOptions } from './aws-options.ts';
