import { appendFileSync, existsSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { parseArgs } from 'node:util';

export type ChaosEra = 'legacy' | 'modern' | 'dual';

/** How the server misbehaves before and besides its tools. */
export interface Startup {
  readonly era: ChaosEra;
  readonly http: boolean;
  readonly port: number;
  readonly ignoreSigterm: boolean;
  readonly ignoreStdinClose: boolean;
  readonly exitOnDiscover: boolean;
  readonly silent: boolean;
  readonly floodStderrOnStart: boolean;
  readonly exitOnStart?: number;
  /** Exits on start, with 1, as long as this file exists. */
  readonly exitWhile?: string;
  /** Ends itself when it has answered so many requests. */
  readonly crashAfter?: number;
  readonly startDelay: number;
  readonly pages: number;
  readonly fillerTools: number;
  /** Changes what a tool says about itself from the so-manieth list on. */
  readonly rugPullAfter?: number;
  /** The name of one more tool: that of another server, or one that only looks like it. */
  readonly shadow?: string;
  readonly badSchema: boolean;
  /** A file that gets one line with the pid for every start. */
  readonly recordStart?: string;
  /** A file that gets one line for every request, `pid method name`: it outlives a process that ends. */
  readonly recordCalls?: string;
}

export function readStartup(parameters: readonly string[]): Startup {
  const { values } = parseArgs({
    args: [...parameters],
    options: {
      era: { type: 'string', default: 'legacy' },
      http: { type: 'boolean', default: false },
      port: { type: 'string', default: '0' },
      'ignore-sigterm': { type: 'boolean', default: false },
      'ignore-stdin-close': { type: 'boolean', default: false },
      'exit-on-discover': { type: 'boolean', default: false },
      silent: { type: 'boolean', default: false },
      'flood-stderr-on-start': { type: 'boolean', default: false },
      'exit-on-start': { type: 'string' },
      'exit-while': { type: 'string' },
      'crash-after': { type: 'string' },
      'start-delay': { type: 'string', default: '0' },
      pages: { type: 'string', default: '1' },
      tools: { type: 'string', default: '0' },
      'rug-pull': { type: 'string' },
      shadow: { type: 'string' },
      'bad-schema': { type: 'boolean', default: false },
      'record-start': { type: 'string' },
      'record-calls': { type: 'string' },
    },
  });
  if (!isEra(values.era)) throw new Error(`--era ${values.era}: legacy, modern or dual`);
  return {
    era: values.era,
    http: values.http,
    port: toNumber(values.port),
    ignoreSigterm: values['ignore-sigterm'],
    ignoreStdinClose: values['ignore-stdin-close'],
    exitOnDiscover: values['exit-on-discover'],
    silent: values.silent,
    floodStderrOnStart: values['flood-stderr-on-start'],
    startDelay: toNumber(values['start-delay']),
    pages: toNumber(values.pages),
    fillerTools: toNumber(values.tools),
    badSchema: values['bad-schema'],
    ...(values['exit-on-start'] !== undefined && { exitOnStart: toNumber(values['exit-on-start']) }),
    ...(values['exit-while'] !== undefined && { exitWhile: values['exit-while'] }),
    ...(values['crash-after'] !== undefined && { crashAfter: toNumber(values['crash-after']) }),
    ...(values['rug-pull'] !== undefined && { rugPullAfter: toNumber(values['rug-pull']) }),
    ...(values.shadow !== undefined && { shadow: values.shadow }),
    ...(values['record-start'] !== undefined && { recordStart: values['record-start'] }),
    ...(values['record-calls'] !== undefined && { recordCalls: values['record-calls'] }),
  };
}

/** Does what has to happen before the first message is read. */
export async function prepare(startup: Startup): Promise<void> {
  if (startup.recordStart !== undefined) appendFileSync(startup.recordStart, `${process.pid}\n`);
  if (startup.ignoreSigterm) process.on('SIGTERM', () => undefined);
  if (startup.floodStderrOnStart) floodStderr(1024 * 1024);
  if (startup.startDelay > 0) await delay(startup.startDelay);
  if (startup.exitWhile !== undefined && existsSync(startup.exitWhile)) process.exit(1);
  if (startup.exitOnStart !== undefined) process.exit(startup.exitOnStart);
}

/** Says on disk that a request has come, before anything is done with it. */
export function recordCall({ recordCalls }: Startup, method: string, name: unknown): void {
  if (recordCalls === undefined) return;
  appendFileSync(recordCalls, `${process.pid} ${method} ${typeof name === 'string' ? name : '-'}\n`);
}

/** Pipes are written to synchronously on Linux: who does not drain stderr stops this process. */
export function floodStderr(bytes: number, text = 'e'.repeat(1023)): void {
  const line = `${text}\n`;
  for (let written = 0; written < bytes; written += line.length) process.stderr.write(line);
}

function toNumber(value: string): number {
  const number = Number(value);
  if (!Number.isInteger(number)) throw new Error(`${value} is not a whole number`);
  return number;
}

function isEra(value: string): value is ChaosEra {
  return value === 'legacy' || value === 'modern' || value === 'dual';
}
