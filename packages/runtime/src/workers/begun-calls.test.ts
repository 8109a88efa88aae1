import type { AuditEntry } from '@hostler/audit';
import { describe, expect, it } from 'vitest';
import { BegunCalls } from './begun-calls.ts';

const intent = (id: string, fields: AuditEntry['fields']): AuditEntry => ({
  kind: 'call',
  phase: 'intent',
  time: 1,
  id,
  fields,
});

describe('what a worker has begun', () => {
  it('gets an end when the worker has left it, once, and nothing else does', () => {
    const begun = new BegunCalls();
    begun.take(
      intent('a', ',"consumer":"ci","method":"tools/call","item":"tool","name":"x","server":"one","generation":1'),
    );
    begun.take(intent('b', ',"consumer":"ci","server":"one"'));
    begun.take({ ...intent('c', { consumer: 'op', action: 'addServer', entry: 'rest' }), kind: 'change' });
    begun.take({ kind: 'decision', time: 1, id: 'd', fields: {} });
    begun.take({ kind: 'call', phase: 'outcome', time: 2, id: 'b', fields: ',"result":"ok"' });
    const end = { phase: 'outcome', time: 5 };
    const left = { result: 'failed', code: 'WORKER_ENDED', mayHaveRun: true };
    expect(begun.leftBehind(5)).toEqual([
      { ...end, kind: 'call', id: 'a', fields: { consumer: 'ci', server: 'one', item: 'tool', name: 'x', ...left } },
      { ...end, kind: 'change', id: 'c', fields: { consumer: 'op', action: 'addServer', ...left } },
    ]);
    expect(begun.leftBehind(6)).toEqual([]);
  });
});
