import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { readFileSync, statSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { answerLine, numberParameter, text } from './call.ts';
import type { Tool } from './call.ts';
import { floodStderr } from './startup.ts';

/** Tools that only answer, well or late. */
const wellBehaved: Readonly<Record<string, Tool>> = {
  ok: (call) => call.answer(text('ok')),
  echo: (call) => call.answer({ ...text(JSON.stringify(call.parameters)), structuredContent: call.parameters }),
  slow: async (call) => {
    await delay(numberParameter(call, 'ms', 100));
    if (!call.cancelled.aborted) call.answer(text('slow'));
  },
  'echo-env': (call) => call.answer({ ...text(JSON.stringify(process.env)), structuredContent: { ...process.env } }),
  'digest-env': (call) => {
    const digests = Object.entries(process.env).map(([name, value = '']) => [name, sha256(value)]);
    call.answer({ ...text('digests'), structuredContent: Object.fromEntries(digests) as Record<string, string> });
  },
  'read-proc': (call) => {
    const pid = numberParameter(call, 'pid', process.ppid);
    call.answer(text(readFileSync(`/proc/${pid}/environ`, 'utf8')));
  },
  'read-file': (call) => {
    const path = String(call.parameters['path']);
    const { mode } = statSync(path);
    call.answer({ ...text('read'), structuredContent: { mode: mode & 0o777, text: readFileSync(path, 'utf8') } });
  },
  stats: (call) => call.answer({ ...text(JSON.stringify(call.statistics())), structuredContent: call.statistics() }),
  'list-changed': (call) => {
    call.changeTools();
    call.answer(text('changed'));
  },
};

/** Tools that talk while they work. */
const talking: Readonly<Record<string, Tool>> = {
  progress: (call) => {
    const meta = call.request.params['_meta'] as { readonly progressToken?: string | number } | undefined;
    const total = numberParameter(call, 'n', 3);
    for (let progress = 1; meta?.progressToken !== undefined && progress <= total; progress += 1) {
      const params = { progressToken: meta.progressToken, progress, total };
      call.send({ jsonrpc: '2.0', method: 'notifications/progress', params });
    }
    call.answer(text('progress'));
  },
  log: (call) => {
    const meta = call.request.params['_meta'] as Readonly<Record<string, unknown>> | undefined;
    const wanted = !call.request.isModern || meta?.['io.modelcontextprotocol/logLevel'] !== undefined;
    for (let index = 1; wanted && index <= numberParameter(call, 'n', 3); index += 1) {
      const params = { level: 'info', logger: 'chaos', data: `line ${index}` };
      call.send({ jsonrpc: '2.0', method: 'notifications/message', params });
    }
    call.answer(text('log'));
  },
  'ask-elicitation': async (call) => {
    const question = {
      message: 'What is your name?',
      requestedSchema: { type: 'object', properties: { name: { type: 'string' } }, required: ['name'] },
    };
    if (!call.request.isModern) {
      call.answer(text(JSON.stringify(await call.ask('elicitation/create', question))));
      return;
    }
    const answers = call.request.params['inputResponses'] as Readonly<Record<string, unknown>> | undefined;
    if (answers?.['name'] !== undefined && call.request.params['requestState'] === 'asked') {
      call.answer(text(JSON.stringify(answers['name'])));
      return;
    }
    call.answer({
      resultType: 'input_required',
      inputRequests: { name: { method: 'elicitation/create', params: question } },
      requestState: 'asked',
    });
  },
};

/** Tools that never give the answer they owe. */
const mute: Readonly<Record<string, Tool>> = {
  hang: () => undefined,
  crash: (call) => process.exit(numberParameter(call, 'code', 1)),
  'crash-mid-write': (call) => {
    const line = answerLine(call, text('never complete'));
    const newline = call.parameters['newline'] === true ? '\n' : '';
    call.write(line.slice(0, Math.floor(line.length / 2)) + newline);
    process.exit(numberParameter(call, 'code', 1));
  },
  'endless-line': (call) => {
    const bytes = numberParameter(call, 'bytes', 1024 * 1024);
    const piece = 'x'.repeat(64 * 1024);
    call.write(`{"jsonrpc":"2.0","id":${JSON.stringify(call.request.id)},"result":{"content":[{"type":"text","text":"`);
    for (let written = 0; written < bytes; written += piece.length) call.write(piece);
  },
  'wrong-id': (call) => call.send({ jsonrpc: '2.0', id: `not-${call.request.id}`, result: text('for nobody') }),
};

/** Tools that answer, but not as they should. */
const spoiling: Readonly<Record<string, Tool>> = {
  garbage: (call) => {
    call.write('chaos-server v0.0.0 listening on stdio\n');
    call.write('\u001B[2J\u001B[31mWARN\u001B[0m something happened\n');
    call.write('{"level":30,"msg":"a log line that is JSON but no message"}\n{"jsonrpc":"2.0",\n\n');
    call.answer(text('after the garbage'));
  },
  'stderr-flood': (call) => {
    const line = call.parameters['text'];
    floodStderr(numberParameter(call, 'bytes', 1024 * 1024), typeof line === 'string' ? line : undefined);
    call.answer(text('flooded'));
  },
  huge: (call) => call.answer(text('h'.repeat(numberParameter(call, 'bytes', 1024 * 1024)))),
  deep: (call) => {
    const depth = numberParameter(call, 'n', 10_000);
    const line = answerLine(call, { ...text('deep'), structuredContent: { deep: 'HERE' } });
    call.write(`${line.replace('"HERE"', '['.repeat(depth) + ']'.repeat(depth))}\n`);
  },
  'duplicate-id': (call) => {
    call.answer(text('first'));
    call.answer(text('second'));
  },
  'late-response': async (call) => {
    const fallback = AbortSignal.timeout(numberParameter(call, 'ms', 30_000));
    const over = AbortSignal.any([call.cancelled, fallback]);
    if (!over.aborted) await once(over, 'abort');
    call.answer(text('too late'));
  },
  'partial-line': async (call) => {
    const line = `${answerLine(call, text('in pieces'))}\n`;
    for (const part of [line.slice(0, 1), line.slice(1, -1), line.slice(-1)]) {
      call.write(part);
      await delay(numberParameter(call, 'ms', 10));
    }
  },
  'null-byte': (call) => {
    const isRaw = call.parameters['raw'] === true;
    if (isRaw) call.write(`${answerLine(call, text('nul: HERE')).replace('HERE', '\0')}\n`);
    else call.answer(text('nul: \0'));
  },
  'bad-utf8': (call) => {
    const [before, after] = answerLine(call, text('bad: HERE')).split('HERE');
    call.write(Buffer.concat([Buffer.from(before ?? ''), Buffer.from([0xc3, 0x28, 0xff]), Buffer.from(`${after}\n`)]));
  },
  'fork-grandchild': async (call) => {
    const { spawn } = await import('node:child_process');
    // It ends itself after ten minutes, so that a failing test does not litter the machine for ever.
    const script = 'process.on("SIGTERM", () => undefined); setTimeout(() => undefined, 600_000)';
    const inherits = call.parameters['inherit'] === true;
    const grandchild = spawn(process.execPath, ['-e', script], { stdio: inherits ? 'inherit' : 'ignore' });
    const pids = { pid: process.pid, grandchild: grandchild.pid };
    call.answer({ ...text(JSON.stringify(pids)), structuredContent: pids });
  },
};

export const tools: Readonly<Record<string, Tool>> = { ...wellBehaved, ...talking, ...mute, ...spoiling };

/** Tells whether a value arrived, and passes every guard that looks for it. */
function sha256(value: string): string {
  return createHash('sha256').update(value).digest('hex');
}
