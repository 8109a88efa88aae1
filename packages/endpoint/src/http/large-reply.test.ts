import type { Era } from '@hostler/kernel';
import { describe, expect, test } from 'vitest';
import type { HttpResponse } from './http-messages.ts';
import { LargeReply, openJson } from './large-reply.ts';
import type { LargeOutlet } from './large-reply.ts';
import { WriteWatch } from './write-watch.ts';

/** A response that says of what it was given what the test wants; without `isFlushed` it is as Node's own. */
class FakeResponse {
  destroyed = false;
  writableLength = 0;
  isFlushed?: boolean;
  text = '';
  writeHead(): void {}
  on(): void {}
  write(bytes: Uint8Array): boolean {
    this.text += Buffer.from(bytes).toString();
    return true;
  }
  end(): void {}
}

const asResponse = (response: FakeResponse): HttpResponse => response as Partial<HttpResponse> as HttpResponse;
const jsonIn = (response: FakeResponse): LargeOutlet =>
  openJson(asResponse(response), new WriteWatch(response, 1_000), undefined);

interface Eras {
  readonly server: Era;
  readonly client: Era;
}

function begin(response: FakeResponse, eras: Partial<Eras> = {}, outlet = jsonIn(response)): LargeReply {
  const { server = 'modern', client = 'modern' } = eras;
  const reply = new LargeReply({
    id: 1,
    request: { era: client, method: 'tools/call' },
    response: asResponse(response),
    patience: 1_000,
    now: () => 0,
    open: () => outlet,
  });
  expect(reply.begin(server, () => {})).toBe(true);
  return reply;
}

describe('of what a large answer was given', () => {
  test('nothing is kept when the operating system has it, and only then', () => {
    const response = new FakeResponse();
    const reply = begin(response);
    response.isFlushed = true;
    reply.write(Buffer.from('{"a":1'));
    expect(reply.keepsNothing).toBe(true);
    response.isFlushed = false;
    expect(reply.keepsNothing).toBe(false);
  });

  test('all may be kept by a response that does not say', () => {
    const reply = begin(new FakeResponse());
    reply.write(Buffer.from('{"a":1'));
    expect(reply.keepsNothing).toBe(false);
  });

  test('parts may wait where it is changed for its client', () => {
    const response = Object.assign(new FakeResponse(), { isFlushed: true });
    const legacy = begin(response, { client: 'legacy' });
    legacy.write(Buffer.from('{"resultType":"complete","_meta":{"a"'));
    expect(legacy.keepsNothing).toBe(false);
    legacy.write(Buffer.from(':1}}'));
    // What it waits for is not known here.
    expect(legacy.keepsNothing).toBe(false);
    const same = begin(response, { client: 'legacy', server: 'legacy' });
    same.write(Buffer.from('{"a":1'));
    expect(same.keepsNothing).toBe(true);
  });

  test('all may be kept by an outlet that does not say, and before there is one', () => {
    const response = Object.assign(new FakeResponse(), { isFlushed: true });
    const reply = begin(response, {}, { write: () => true, end() {} });
    reply.write(Buffer.from('{"a":1'));
    expect(reply.keepsNothing).toBe(false);
    const other = new LargeReply({
      id: 1,
      request: { era: 'modern', method: 'tools/call' },
      response: asResponse(response),
      patience: 1_000,
      now: () => 0,
      open: () => undefined,
    });
    expect(other.keepsNothing).toBe(false);
  });
});
