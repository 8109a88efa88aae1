import * as v from 'valibot';

const ROOT_WORDS = 'must be a folder: a path, or a URI that begins with file:///';

/** `scheme://` of two letters at least: `C:\` is a path. */
const OTHER_SCHEME = /^(?!file:\/\/)[a-z][a-z0-9+.-]+:\/\//i;

function folder() {
  return v.pipe(
    v.string('text'),
    v.regex(/^[^\0~][^\0]*$/, 'must be a path: not empty, without NUL and not beginning with ~ (write the whole path)'),
    v.check((text) => !OTHER_SCHEME.test(text), ROOT_WORDS),
    v.check((text) => !/^file:/i.test(text) || /^file:\/\/(?:localhost)?\/[^?#]*$/i.test(text), ROOT_WORDS),
    v.check((text) => !/^[/\\]{2}/.test(text), 'must be a folder of this machine'),
  );
}

const named = v.strictObject(
  {
    path: v.pipe(folder(), v.description('The folder, relative to this file’s folder, or a `file://` URI.')),
    name: v.exactOptional(
      v.pipe(v.string('text'), v.minLength(1, 'must not be empty'), v.description('What the server may call it.')),
    ),
  },
  'a map with path and name',
);

export const roots = v.pipe(
  v.array(v.union([folder(), named], 'a path or { path: …, name: … }'), 'a list of folders'),
  v.minLength(1, 'must name at least one folder; leave roots out to limit nothing'),
  v.description(
    'Folders the server may use, as paths or `{ path, name }`. It is told of them; reading resources outside of them, and `pathArguments` that lead outside, are refused.',
  ),
);

export const pathArguments = v.pipe(
  v.record(
    v.pipe(v.string(), v.minLength(1, 'must be the name of a tool, or * for every tool')),
    v.pipe(
      v.array(v.pipe(v.string('text'), v.minLength(1, 'must be the name of an argument')), 'a list of arguments'),
      v.minLength(1, 'must name at least one argument'),
    ),
    'a map of lists',
  ),
  v.description(
    'Which arguments are paths and must lie in `roots`: their names by tool, `*` for every tool; dots lead into objects.',
  ),
);
