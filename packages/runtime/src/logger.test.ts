import { Writable } from 'node:stream';
import { defineErrors } from '@hostler/kernel';
import { createRedactor, secretErrors } from '@hostler/secrets';
import { describe, expect, it } from 'vitest';
import { createLogs } from './logger.ts';

const errors = defineErrors('TEST', {
  DOWN: { http: 503, rpc: -32010, fault: 'upstream', retryable: true, message: 'It is down.' },
  BROKEN: { http: 500, rpc: -32603, fault: 'bug', retryable: false, message: 'It is broken.' },
});

const INFO = { level: 'info', modules: {} } as const;

function logged(error: unknown): Record<string, unknown> {
  let text = '';
  const destination = new Writable({
    write(chunk: Buffer, _encoding, done) {
      text += chunk.toString();
      done();
    },
  });
  createLogs({ levels: INFO, destination, redactor: createRedactor() }).of('host').error({ error }, 'it happened');
  return (JSON.parse(text) as { error: Record<string, unknown> }).error;
}

describe('an error in the log', () => {
  it('is its code and message, and those of its causes, when it was to be expected', () => {
    expect(logged(errors.DOWN({ cause: new Error('refused', { cause: errors.BROKEN() }) }))).toEqual({
      name: 'HostlerError',
      message: 'It is down.',
      code: 'TEST_DOWN',
      cause: {
        name: 'Error',
        message: 'refused',
        cause: { name: 'HostlerError', message: 'It is broken.', code: 'TEST_BROKEN' },
      },
    });
  });

  it.each([errors.BROKEN(), new TypeError('x is not a function')])('has its stack when it is a defect: %s', (error) => {
    expect(logged(error)).toMatchObject({
      message: error.message,
      stack: expect.stringContaining('logger.test') as string,
    });
  });
});

it('keeps what a backend of secrets says out of the log: it may be the secret, which nobody knows for one yet', () => {
  const said = new TypeError('got never-read-before', { cause: 'never-read-before' });
  const failure = secretErrors.UNAVAILABLE({
    details: { reference: 'own://a', problem: 'ask again' },
    cause: Object.assign(said, { code: 14 }),
  });
  expect(logged(errors.DOWN({ cause: failure }))).toEqual({
    name: 'HostlerError',
    message: 'It is down.',
    code: 'TEST_DOWN',
    cause: {
      name: 'HostlerError',
      message: failure.message,
      code: 'SECRET_UNAVAILABLE',
      cause: { name: 'TypeError', code: 14, cause: { name: 'string' } },
    },
  });
});

it('masks secrets that are known, and what only looks like one', () => {
  let text = '';
  const destination = new Writable({ write: (chunk: Buffer, _encoding, done) => ((text += chunk.toString()), done()) });
  const redactor = createRedactor();
  redactor.add('value-of-a-secret', 'env://A');
  const log = createLogs({ levels: INFO, destination, redactor }).of('host');
  log.info({ url: 'http://x/?q=value-of-a-secret', password: 'never-seen-before' }, 'asked');
  expect(JSON.parse(text)).toMatchObject({ msg: 'asked', url: 'http://x/?q=[secret]' });
  expect(text).not.toContain('never-seen-before');
});

describe('levels', () => {
  it('are those of the part, or of all, and change while it runs', () => {
    let text = '';
    const destination = new Writable({
      write(chunk: Buffer, _encoding, done) {
        text += chunk.toString();
        done();
      },
    });
    const levels = { level: 'info', modules: { upstream: 'debug' } } as const;
    const logs = createLogs({ levels, destination, redactor: createRedactor() });
    const [host, upstream] = [logs.of('host'), logs.of('upstream')];
    const say = (): string[] => {
      text = '';
      for (const part of [host, upstream])
        for (const level of ['debug', 'info', 'warn'] as const) part[level]({}, level);
      return text
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line) as { module: string; msg: string })
        .map(({ module, msg }) => `${module} ${msg}`);
    };
    expect(say()).toEqual(['host info', 'host warn', 'upstream debug', 'upstream info', 'upstream warn']);
    logs.change({ level: 'warn', modules: { host: 'debug' } });
    expect(say()).toEqual(['host debug', 'host info', 'host warn', 'upstream warn']);
    // A part that speaks for the first time has its level at once.
    logs.of('auth').info({}, 'unheard');
    expect(text).not.toContain('unheard');
    expect(logs.levels()).toEqual({ level: 'warn', modules: { host: 'debug' } });
  });
});
