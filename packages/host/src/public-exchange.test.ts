import type { Exchange, McpRequest, ResultSink } from '@hostler/kernel';
import { describe, expect, test } from 'vitest';
import { PublicExchange } from './public-exchange.ts';

interface Stage {
  readonly sink: ResultSink;
  readonly written: () => string;
}

/** @param keepsNothing what the client's own sink says of it; undefined: nothing */
function onStage(keepsNothing: boolean | undefined): Stage {
  let written = '';
  const own = {
    begin: () => true,
    write(piece: Uint8Array) {
      written += Buffer.from(piece).toString();
      return true;
    },
    end() {},
    ...(keepsNothing !== undefined && { keepsNothing }),
  };
  const client = { largeResult: () => own } as Partial<Exchange> as Exchange;
  const request: McpRequest = { method: 'tools/call' } as Partial<McpRequest> as McpRequest;
  const sink = new PublicExchange(client, request, (uri) => `public://${uri}`).largeResult();
  if (sink === undefined) throw new Error('there is no sink');
  return { sink, written: () => written };
}

describe('of a result that names resources while it arrives', () => {
  test('nothing is kept but what waits for the type of its block', () => {
    const { sink, written } = onStage(true);
    sink.write(Buffer.from('{"content":[{"type":"text","text":"a"},{"uri":"a:/'));
    expect(sink.keepsNothing).toBe(true);
    sink.write(Buffer.from('b","name":"x'));
    expect(sink.keepsNothing).toBe(false);
    sink.write(Buffer.from('","type":"resource_link"},'));
    expect(sink.keepsNothing).toBe(true);
    expect(written()).toBe(
      '{"content":[{"type":"text","text":"a"},{"uri":"public://a:/b","name":"x","type":"resource_link"},',
    );
  });

  test.each([false, undefined])('all is kept where the client’s own sink says so, or nothing: %s', (keepsNothing) => {
    const { sink } = onStage(keepsNothing);
    sink.write(Buffer.from('{"content":[{"type":"text","text":"a"}'));
    expect(sink.keepsNothing).toBe(false);
  });
});
