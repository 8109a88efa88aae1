import * as v from 'valibot';
import { flag, text } from './values.ts';

const patterns = (meaning: string) =>
  v.pipe(
    v.array(
      v.pipe(
        v.string('text'),
        v.regex(
          /^(?:(?:tool|prompt|resource):[\s\S]+|[^:]+)$/,
          'must be a pattern such as read_*, tool:read_*, prompt:greet or resource:file:///*',
        ),
      ),
      'a list of patterns',
    ),
    v.description(meaning),
  );

export const include = patterns(
  'Offer only what one of these fits: `tool:`, `prompt:` or `resource:` and a pattern with `*` and `?`, or a pattern for every kind.',
);

export const exclude = patterns('Offer nothing that one of these fits, whatever `include` says.');

const newName = v.pipe(
  v.string('text'),
  // MCP 2025-11-25, server/tools: tool names
  v.regex(/^[A-Za-z0-9_.-]{1,128}$/, 'must be a name of 1 to 128 letters, digits, _, - and .'),
  v.description('What clients call it instead, behind the name of the server.'),
);

const title = v.pipe(text(), v.description('Its title for people.'));
const description = v.pipe(text(), v.description('Its description, in the place of the server’s own.'));

const anything = (meaning: string) => v.pipe(v.unknown(), v.description(meaning));
const words = (meaning: string) => v.pipe(v.string('text'), v.description(meaning));

const PIN = 'Always send this value: clients neither see the argument nor may send it.';
const DEFAULT = 'Send this value when a client sends none: the argument is no longer required.';
const HIDE = 'Never send it: clients neither see the argument nor may send it.';

function argumentOverrides<Value extends ReturnType<typeof anything> | ReturnType<typeof words>>(
  value: (meaning: string) => Value,
) {
  const override = v.strictObject(
    {
      pin: v.exactOptional(value(PIN)),
      default: v.exactOptional(value(DEFAULT)),
      hide: v.exactOptional(flag(HIDE)),
    },
    'a map with one of pin, default and hide',
  );
  return v.pipe(
    v.record(text(), override, 'a map of arguments'),
    v.description('What happens to its arguments, by name.'),
  );
}

const tool = v.strictObject(
  {
    name: v.exactOptional(newName),
    title: v.exactOptional(title),
    description: v.exactOptional(description),
    annotations: v.exactOptional(
      v.pipe(
        v.record(v.string(), v.unknown(), 'a map of annotations'),
        v.description('Annotations such as `readOnlyHint: true`, put over the server’s own.'),
      ),
    ),
    arguments: v.exactOptional(argumentOverrides(anything)),
  },
  'a map with the changes of one tool',
);

const prompt = v.strictObject(
  {
    name: v.exactOptional(newName),
    title: v.exactOptional(title),
    description: v.exactOptional(description),
    arguments: v.exactOptional(argumentOverrides(words)),
  },
  'a map with the changes of one prompt',
);

export const tools = v.pipe(
  v.record(text(), tool, 'a map of tools'),
  v.description('Changes to single tools, by the name that the server gives them.'),
);

export const prompts = v.pipe(
  v.record(text(), prompt, 'a map of prompts'),
  v.description('Changes to single prompts, by the name that the server gives them.'),
);
