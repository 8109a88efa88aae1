import { defineErrors } from '@hostler/kernel';
import { describe, expect, it } from 'vitest';
import { errorAnswer } from './answers.ts';

const log = { debug() {}, info() {}, warn() {}, error() {} };
const errors = defineErrors('TEST', {
  TOLD: { http: 404, rpc: -32602, fault: 'caller', retryable: false, message: 'There is no "{name}".' },
});

describe('an error that a client gets', () => {
  it('passes the redaction, with its message and its details', () => {
    const redact = (bytes: Uint8Array): Uint8Array =>
      Buffer.from(Buffer.from(bytes).toString().replaceAll('the-secret', '[secret]'));
    const { message } = errorAnswer({ log, redact }, errors.TOLD({ details: { name: 'the-secret' } }), { id: 1 });
    expect(JSON.parse(Buffer.concat(message).toString())).toMatchObject({
      error: { message: 'There is no "[secret]".', data: { name: '[secret]' } },
    });
  });
});
