/**
 * What a caller of the API may be allowed, as `resource:action`. What a tool, prompt or resource is to a caller is for its
 * view to say; these are about the host.
 */
export const permissions = [
  'tools:use',
  'prompts:use',
  'resources:use',
  'about:read',
  'health:read',
  'metrics:read',
  'servers:read',
  'servers:restart',
  'servers:enable',
  'servers:disable',
  'servers:write',
  'config:reload',
  'log:read',
  'log:write',
  'secrets:read',
  'secrets:rotate',
  'grants:use',
  'grants:read',
  'grants:revoke',
] as const;

export type Permission = (typeof permissions)[number];

/** What every consumer is allowed: what a client does with its own view. */
export const clientPermissions: readonly Permission[] = [
  'tools:use',
  'prompts:use',
  'resources:use',
  'about:read',
  // Its own ones.
  'grants:use',
];
