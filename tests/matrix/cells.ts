import { expect } from 'vitest';
import type { MatrixClient } from './client.ts';

/** One thing that must cross from a server to a client, or the other way. */
export interface Cell {
  readonly name: string;
  /** A client that can be asked has a connection of its own to some servers; what is shared is seen by one that cannot. */
  readonly askable: boolean;
  readonly run: (client: MatrixClient, names: Names) => Promise<void>;
}

/** How the endpoint calls things. */
export interface Names {
  readonly tool: (name: string) => string;
}

/** For what has been said, and is on its way. */
const PATIENT = { timeout: 20_000, interval: 50 };

const questions: readonly Cell[] = [
  question('elicitation, form', 'test_elicitation', 'elicitation/create form', /action=accept.*"username":"ada"/),
  question('elicitation, url', 'test_elicitation_url', 'elicitation/create url', /Page: action=accept/),
  question('sampling', 'test_sampling', 'sampling/createMessage', /LLM response: forty-two/),
  question('roots', 'test_list_roots', 'roots/list', /Roots: file:\/\/\/projects\/matrix/),
];

function question(name: string, toolName: string, asked: string, answered: RegExp): Cell {
  return {
    name,
    askable: true,
    async run(client, { tool }) {
      const before = client.received.questions.length;
      expect(await client.call(tool(toolName), { message: 'Who are you?', prompt: 'How many?' })).toMatch(answered);
      expect(client.received.questions.slice(before)).toEqual([asked]);
    },
  };
}

const duringCalls: readonly Cell[] = [
  {
    name: 'progress',
    askable: false,
    async run(client, { tool }) {
      const seen: number[] = [];
      await client.call(tool('test_progress_burst'), {}, { onProgress: (progress) => seen.push(progress) });
      // Not a moment later: all of it comes before the result.
      expect(seen).toEqual(Array.from({ length: 50 }, (_, index) => index + 1));
    },
  },
  {
    name: 'cancel',
    askable: false,
    async run(client, { tool }) {
      const cancelled = async (): Promise<number> => Number(await client.call(tool('test_wait_cancelled')));
      const before = await cancelled();
      const giveUp = new AbortController();
      const waiting = client.call(tool('test_wait'), {}, { signal: giveUp.signal, onProgress: () => giveUp.abort() });
      await expect(waiting).rejects.toThrow(/abort/i);
      await expect.poll(cancelled, PATIENT).toBe(before + 1);
    },
  },
  {
    name: 'logs',
    askable: false,
    async run(client, { tool }) {
      const { logs } = client.received;
      const begin = logs.length;
      await client.setLogLevel('warning');
      await client.call(tool('test_log_levels'));
      await expect.poll(() => logs.slice(begin), PATIENT).toEqual(['warning', 'error']);
      await client.setLogLevel('debug');
      await client.call(tool('test_log_levels'));
      await expect.poll(() => logs.slice(begin + 2), PATIENT).toEqual(['debug', 'info', 'warning', 'error']);
    },
  },
];

const watched = 'test://watched-resource';

const changes: readonly Cell[] = [
  change('added'),
  change('removed'),
  {
    name: 'resource updated',
    askable: false,
    async run(client, { tool }) {
      await client.listen([watched]);
      await client.call(tool('test_trigger_resource_update'));
      await client.received.update(watched);
    },
  },
];

/** The tool comes and goes by turns: when it went the wrong way, the next change is the one that is looked at. */
function change(what: 'added' | 'removed'): Cell {
  return {
    name: `list_changed, ${what}`,
    askable: false,
    async run(client, { tool }) {
      const isListed = async (): Promise<boolean> => (await client.toolNames()).includes(tool('test_extra_tool'));
      const trigger = (): Promise<string> => client.call(tool('test_trigger_tool_change'));
      await client.listen([]);
      if ((await trigger()) !== what) {
        await client.received.toolChanges(1);
        expect(await trigger()).toBe(what);
        await client.received.toolChanges(2);
      } else await client.received.toolChanges(1);
      // Polled, because the first word that came may have been about a change of the test before.
      await expect.poll(isListed, PATIENT).toBe(what === 'added');
    },
  };
}

export const cells: readonly Cell[] = [...questions, ...duringCalls, ...changes];
