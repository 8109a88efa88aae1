import { Socket } from 'node:net';
import type { HttpEndpoint, HttpResponse, WholeRequest } from '@hostler/endpoint';
import type { Consumer } from '@hostler/kernel';
import { describe, expect, test } from 'vitest';
import { createAdmission } from '../admission.ts';
import type { AdmissionOptions } from '../admission.ts';
import type { McpRoute } from '../mcp-route.ts';
import { createWholeAnswer } from './answer-whole.ts';
import type { WholeAnswerOptions } from './answer-whole.ts';

const ROUTE: McpRoute = { face: 'mcp', scope: { kind: 'server', name: 'files' } };
const CONSUMER: Consumer = { name: 'a' };

function request(headers: Readonly<Record<string, string>> = { host: 'localhost' }): WholeRequest {
  const rawHeaders = Object.entries(headers).flat();
  return { method: 'POST', url: '/mcp', headers, rawHeaders, socket: new Socket(), whole: Buffer.from('{}') };
}

/** Notes what is done with it. */
class NotedResponse implements HttpResponse {
  readonly notes: unknown[] = [];
  headersSent = false;
  destroyed = false;
  readonly writableLength = 0;

  writeHead(status: number, headers?: unknown): void {
    this.headersSent = true;
    this.notes.push(['writeHead', status, headers]);
  }

  flushHeaders(): void {
    this.notes.push(['flushHeaders']);
  }

  cork(): void {
    this.notes.push(['cork']);
  }

  write(): boolean {
    this.notes.push(['write']);
    return true;
  }

  end(...parts: unknown[]): void {
    this.notes.push(['end', ...parts]);
  }

  destroy(): void {
    this.notes.push(['destroy']);
  }

  on(): void {
    this.notes.push(['on']);
  }

  once(): void {
    this.notes.push(['once']);
  }
}

interface Setting {
  readonly check?: () => void;
  readonly admit?: () => Consumer | Promise<Consumer>;
  readonly serve?: HttpEndpoint['serve'];
  readonly refusalOf?: WholeAnswerOptions['refusalOf'];
}

function setUp({ check, admit, serve, refusalOf }: Setting = {}) {
  const steps: unknown[] = [];
  const errors: unknown[] = [];
  const plan = { listen: { allowedHosts: ['good.example'], allowedOrigins: [] as string[], allowLoopback: true } };
  const consumers = { isGood: () => true };
  const runtime = {
    plan,
    consumers,
    log: { error: (fields: object, message: string) => errors.push([fields, message]) },
  };
  const admission = createAdmission({
    runtime: runtime as unknown as AdmissionOptions['runtime'],
    addresses: {
      check() {
        steps.push('addresses');
        check?.();
      },
    },
    authentication: {
      identify() {
        steps.push('admit');
        return admit === undefined ? CONSUMER : admit();
      },
    },
    gate: { wait: () => undefined },
  });
  const answer = createWholeAnswer({
    runtime: runtime as unknown as WholeAnswerOptions['runtime'],
    admit: admission,
    endpoint: {
      serve(asked, response, caller) {
        steps.push(['serve', caller]);
        return serve?.(asked, response, caller);
      },
    },
    refusalOf(thrown, isMcp) {
      steps.push('refusal');
      if (refusalOf !== undefined) return refusalOf(thrown, isMcp);
      const { code, message } = thrown as Error & { readonly code?: string };
      const headers = { 'content-type': 'application/json', 'www-authenticate': 'Bearer' };
      return Promise.resolve(new Response(`«${code ?? message}»`, { status: 418, headers }));
    },
  });
  return { steps, errors, plan, answer };
}

/** As the bytes of UTF-8, one character each. */
const bytesOf = (text: string): string => Buffer.from(text).toString('latin1');
const refusedWith = (what: string): unknown[] => [
  ['writeHead', 418, { 'content-type': 'application/json', 'www-authenticate': 'Bearer' }],
  ['end', bytesOf(`«${what}»`), 'latin1'],
];

describe('a POST that is there as a whole', () => {
  test.each([
    ['at once', () => CONSUMER],
    ['later', () => Promise.resolve(CONSUMER)],
  ])('is looked at, admitted and served, who it is being known %s', async (_, admit) => {
    const { steps, errors, answer } = setUp({ admit });
    const response = new NotedResponse();
    await answer(request(), response, ROUTE);
    expect(steps).toEqual(['addresses', 'admit', ['serve', { scope: ROUTE.scope, consumer: CONSUMER }]]);
    expect([response.notes, errors]).toEqual([[], []]);
  });

  test('is served in the same turn where there is nothing to wait for', () => {
    const { steps, answer } = setUp();
    void answer(request(), new NotedResponse(), ROUTE);
    expect(steps).toHaveLength(3);
  });

  test.each([
    [{ host: 'evil.example' }, 'HTTP_HOST_REFUSED'],
    [{ host: 'localhost', origin: 'https://evil.example' }, 'HTTP_ORIGIN_REFUSED'],
  ])('of a stranger, %j, is refused before anything else', async (headers, code) => {
    const { steps, answer } = setUp();
    const response = new NotedResponse();
    await answer(request(headers), response, ROUTE);
    expect(steps).toEqual(['refusal']);
    expect(response.notes).toEqual(refusedWith(code));
  });

  test('is looked at by the plan in force', async () => {
    const { plan, answer } = setUp();
    const answers = async (): Promise<unknown[]> => {
      const response = new NotedResponse();
      await answer(request({ host: 'new.example' }), response, ROUTE);
      return response.notes;
    };
    expect(await answers()).toEqual(refusedWith('HTTP_HOST_REFUSED'));
    plan.listen = { ...plan.listen, allowedHosts: ['new.example'] };
    expect(await answers()).toEqual([]);
  });

  const fail = (): never => {
    throw new Error('no');
  };
  test.each([
    ['from an address that asks too often', { check: fail }, ['addresses', 'refusal']],
    ['of somebody unknown', { admit: fail }, ['addresses', 'admit', 'refusal']],
    ['of somebody unknown, as is seen later', { admit: async () => fail() }, ['addresses', 'admit', 'refusal']],
    ['that cannot be served', { serve: fail }, ['addresses', 'admit', expect.anything(), 'refusal']],
    ['that fails', { serve: async () => fail() }, ['addresses', 'admit', expect.anything(), 'refusal']],
  ])('%s is refused with the bytes of the refusal', async (_, setting: Setting, expected) => {
    const { steps, errors, answer } = setUp(setting);
    const response = new NotedResponse();
    await answer(request(), response, ROUTE);
    expect(steps).toEqual(expected);
    expect(response.notes).toEqual(refusedWith('no'));
    expect(errors).toEqual([]);
  });

  test('whose refusal cannot be written is cut off, and it is logged', async () => {
    const refusalOf = (): Promise<Response> => Promise.reject(new Error('broken'));
    const { errors, answer } = setUp({ refusalOf });
    const response = new NotedResponse();
    await answer(request({ host: 'evil.example' }), response, ROUTE);
    expect(response.notes).toEqual([['destroy']]);
    expect(errors).toEqual([[{ error: expect.objectContaining({ message: 'broken' }) }, 'an answer broke off']]);
  });

  test('that fails when its answer has begun is cut off, and it is logged', async () => {
    const { steps, errors, answer } = setUp({
      async serve(_, response) {
        response.writeHead(200);
        fail();
      },
    });
    const response = new NotedResponse();
    await answer(request(), response, ROUTE);
    expect(response.notes).toEqual([['writeHead', 200, undefined], ['destroy']]);
    expect(errors).toEqual([[{ error: new Error('no') }, 'an answer broke off']]);
    expect(steps).not.toContain('refusal');
  });
});
