import * as v from 'valibot';
import { viewEntries } from './view.ts';

export const bundleName = v.pipe(
  v.string('text'),
  v.regex(
    /^(?=.{1,32}$)[A-Za-z0-9](?:(?:-|_(?!_))*[A-Za-z0-9])*$/,
    'a bundle name has 1 to 32 letters, digits, - or single _, and begins and ends with a letter or digit',
  ),
);

function words(meaning: string) {
  return v.pipe(v.string('text'), v.regex(/\S/, 'must not be empty'), v.description(meaning));
}

export const bundle = v.strictObject(
  {
    title: v.exactOptional(words('What clients show as the name of the server.')),
    instructions: v.exactOptional(
      words('What clients are told about its use, instead of the instructions of its servers.'),
    ),
    ...viewEntries,
  },
  'a map with servers, allow, deny and instructions',
);
