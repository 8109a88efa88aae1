import { appendFileSync, readFileSync } from 'node:fs';

/** One way in which a server gives a secret away. */
export interface Leak {
  readonly encoding: string;
  readonly text: string;
}

type Json = Readonly<Record<string, unknown>>;

/** What a leaking server knows: the file is read anew each time, so that a test can change it. */
export function readLeaks(path: string): readonly Leak[] {
  return JSON.parse(readFileSync(path, 'utf8')) as Leak[];
}

export const said = (leaks: readonly Leak[]): string => leaks.map(({ text }) => text).join(' | ');

/** Everything that a result may hold: texts, structure with names, numbers, and a blob. */
export function resultOf(leaks: readonly Leak[]): Json {
  const text = said(leaks);
  const raw = leaks.filter(({ encoding }) => encoding === 'raw');
  return {
    content: [
      { type: 'text', text },
      { type: 'resource', resource: { uri: 'leak://text', text } },
      { type: 'resource', resource: { uri: 'leak://blob', blob: Buffer.from(said(raw)).toString('base64') } },
      {
        type: 'resource_link',
        uri: `leak://${encodeURIComponent(raw.at(-1)?.text ?? '')}`,
        name: raw.at(0)?.text ?? '',
      },
    ],
    structuredContent: {
      list: leaks.map((leak) => leak.text),
      names: Object.fromEntries(raw.map((leak) => [leak.text, true])),
      numbers: raw.filter((leak) => /^\d{15}$/.test(leak.text)).map((leak) => Number(leak.text)),
    },
  };
}

export const errorOf = (leaks: readonly Leak[]): Json => ({
  code: -32_000,
  message: `refused: ${said(leaks)}`,
  data: { why: leaks.map(({ text }) => text) },
});

export const noteOf = (leaks: readonly Leak[]): Json => ({
  method: 'notifications/message',
  params: { level: 'error', logger: 'leak', data: { text: said(leaks) } },
});

export const progressOf = (leaks: readonly Leak[], progressToken: unknown): Json => ({
  method: 'notifications/progress',
  params: { progressToken, progress: 1, total: 2, message: said(leaks) },
});

export const questionOf = (leaks: readonly Leak[]): Json => ({
  message: `Do you know this? ${said(leaks)}`,
  requestedSchema: { type: 'object', properties: { answer: { type: 'string', description: said(leaks) } } },
});

const toolNames = [
  'say',
  'chunks',
  'huge',
  'error',
  'fail',
  'talk',
  'ask',
  'garbage',
  'print',
  'crash',
  'take',
  'environment',
];

/** A host has a bound for what a list may say of one thing. */
function inParts(leaks: readonly Leak[]): readonly string[] {
  const parts: string[] = [];
  for (let at = 0; at < leaks.length; at += 9) parts.push(said(leaks.slice(at, at + 9)));
  return parts;
}

/** The answers that need nothing but the leaks; undefined for other methods. */
export function commonAnswer(method: string, leaks: readonly Leak[]): Json | undefined {
  const text = said(leaks);
  switch (method) {
    case 'initialize':
      return {
        protocolVersion: '2025-11-25',
        capabilities: { tools: { listChanged: true }, resources: {}, prompts: {}, logging: {} },
        serverInfo: { name: 'leaking', version: '1.0.0', title: text.slice(0, 2_000) },
        instructions: text,
      };
    case 'tools/list':
      return {
        tools: [
          ...toolNames.map((name) => ({ name, description: name, inputSchema: { type: 'object' } })),
          ...inParts(leaks).map((description, part) => ({
            name: `leak-${part}`,
            description,
            inputSchema: { type: 'object', properties: { any: { type: 'string', description } } },
          })),
        ],
      };
    case 'resources/list':
      return {
        resources: inParts(leaks).map((description, part) => ({
          uri: `leak://${part}`,
          name: `leak-${part}`,
          description,
        })),
      };
    case 'resources/templates/list':
      return {
        resourceTemplates: inParts(leaks).map((description, part) => ({
          uriTemplate: `leak://${part}/{any}`,
          name: `leak-${part}`,
          description,
        })),
      };
    case 'prompts/list':
      return { prompts: inParts(leaks).map((description, part) => ({ name: `leak-${part}`, description })) };
    case 'resources/read':
      return {
        contents: [
          { uri: 'leak://all', text },
          {
            uri: 'leak://all',
            blob: Buffer.from(said(leaks.filter(({ encoding }) => encoding === 'raw'))).toString('base64'),
          },
        ],
      };
    case 'prompts/get':
      return { description: text, messages: [{ role: 'user', content: { type: 'text', text } }] };
    case 'ping':
    case 'logging/setLevel':
      return {};
    default:
      return undefined;
  }
}

/** A record of what came in, for whoever wants to know whether a secret did. */
export function record(path: string, message: unknown): void {
  appendFileSync(path, `${JSON.stringify(message)}\n`);
}

/** The text cut within each of these values. */
export function cutWithin(text: string, leaks: readonly Leak[]): readonly string[] {
  const places = new Set<number>();
  for (const leak of leaks) {
    // As it is written in JSON.
    const form = JSON.stringify(leak.text).slice(1, -1);
    for (let at = text.indexOf(form); at >= 0; at = text.indexOf(form, at + 1)) places.add(at + (form.length >> 1));
  }
  const cuts = [0, ...[...places].toSorted((a, b) => a - b), text.length];
  return cuts.slice(1).map((cut, index) => text.slice(cuts[index], cut));
}
