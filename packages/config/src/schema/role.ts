import * as v from 'valibot';
import { permissions } from '../permission.ts';

/** As a word of the configuration; that the role is there is checked afterwards. */
export const roleName = v.pipe(
  v.string('text'),
  v.regex(
    /^(?=.{1,32}$)[A-Za-z0-9](?:(?:-|_(?!_))*[A-Za-z0-9])*$/,
    'a role name has 1 to 32 letters, digits, - or single _, and begins and ends with a letter or digit',
  ),
);

const PATTERN_WORDS = 'must be a permission such as servers:read, or a pattern such as servers:* or *:read';

export const role = v.pipe(
  v.array(
    v.pipe(v.string('text'), v.regex(/^(?:\*|[a-z][a-z-]*):(?:\*|[a-z][a-z-]*)$/, PATTERN_WORDS)),
    'a list of permissions',
  ),
  v.description(
    `What it allows, beside what every consumer may: ${permissions.map((name) => `\`${name}\``).join(', ')}; \`*\` stands for every resource, or for every action.`,
  ),
);
