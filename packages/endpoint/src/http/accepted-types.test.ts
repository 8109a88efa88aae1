import { expect, test } from 'vitest';
import { acceptedTypes } from './accepted-types.ts';

test.each([
  [undefined, true, true],
  ['application/json, text/event-stream', true, true],
  ['text/event-stream, application/json', true, true],
  ['*/*', true, true],
  ['Application/JSON;q=0.9,TEXT/event-stream;q=0.1', true, true],
  ['application/json', true, false],
  ['application/*', true, false],
  ['text/event-stream', false, true],
  ['text/*', false, true],
  ['application/json, text/event-stream;q=0', true, false],
  ['application/json;q=0.0, */*;q=0', false, false],
  ['text/html', false, false],
  ['', false, false],
  ['application/jsonp, text/event-streams', false, false],
])('%s accepts JSON: %s, streams: %s', (header, json, stream) => {
  expect(acceptedTypes(header)).toEqual({ json, stream });
});
