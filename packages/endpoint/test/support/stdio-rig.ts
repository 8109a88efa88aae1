import { PassThrough } from 'node:stream';
import type { Json, JsonObject, Scope } from '@hostler/kernel';
import { createStdioEndpoint } from '../../src/index.ts';
import type { EndpointLimits, StdioEndpoint } from '../../src/index.ts';
import { FakeHost } from './fake-host.ts';
import type { FakeHostOptions } from './fake-host.ts';
import { ManualClock } from './manual-clock.ts';
import { initialize } from './messages.ts';
import { RecordLog } from './record-log.ts';

export interface StdioRigOptions extends FakeHostOptions {
  readonly limits?: Partial<EndpointLimits>;
  readonly scope?: Scope;
}

/** The stdio face between two streams in memory. Every line that comes out must be a message. */
export class StdioRig {
  readonly host: FakeHost;
  readonly clock = new ManualClock();
  readonly log = new RecordLog();
  readonly input = new PassThrough();
  readonly output = new PassThrough();
  readonly endpoint: StdioEndpoint;
  readonly received: JsonObject[] = [];
  #rest = '';
  #onMessage: Array<() => void> = [];

  constructor({ limits, scope = { kind: 'all' }, ...options }: StdioRigOptions = {}) {
    this.host = new FakeHost(options);
    const { host, clock, log, input, output } = this;
    this.endpoint = createStdioEndpoint({
      host,
      clock,
      log,
      input,
      output,
      scope,
      consumer: { name: 'local' },
      ...(limits ? { limits } : {}),
    });
  }

  /** Starts to read what comes out. */
  listen(): this {
    this.output.on('data', (chunk: Buffer) => {
      const lines = (this.#rest + chunk.toString()).split('\n');
      this.#rest = lines.pop()!;
      for (const line of lines) this.received.push(JSON.parse(line) as JsonObject);
      for (const resolve of this.#onMessage.splice(0)) resolve();
    });
    return this;
  }

  say(message: Json): void {
    this.input.write(`${JSON.stringify(message)}\n`);
  }

  /** The message at this place among all that came out. */
  async message(index: number): Promise<JsonObject> {
    while (this.received.length <= index) {
      // oxlint-disable-next-line no-await-in-loop -- one message after the other
      await new Promise<void>((resolve) => this.#onMessage.push(resolve));
    }
    return this.received[index]!;
  }

  async initialize(capabilities: JsonObject = {}): Promise<void> {
    this.say(initialize(capabilities));
    await this.message(this.received.length);
  }
}
