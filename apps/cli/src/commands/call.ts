import { text } from 'node:stream/consumers';
import type { JsonObject, Notification } from '@hostler/kernel';
import { parseArguments, splitPairs, toolArguments } from '../arguments.ts';
import type { ActingFlags } from '../acting-consumer.ts';
import type { Cli } from '../cli.ts';
import { cliErrors } from '../errors.ts';
import { exitCodes } from '../exit-codes.ts';
import { withHost } from '../host-session.ts';
import { contentLines } from '../text/content.ts';
import { printable, printableLine } from '../text/printable.ts';
import { findNamed } from './find-named.ts';

export interface CallOptions extends ActingFlags {
  readonly server?: string;
  readonly arg?: readonly string[];
  /** JSON, or `-` for standard input. */
  readonly args?: string;
}

/** `hostler call <tool>`: one call, its result on standard output. */
export async function runCall(cli: Cli, name: string, options: CallOptions): Promise<number> {
  const { server, as, bundle } = options;
  const given = await givenArguments(cli, options);
  // What is wrong with the command line is said before any server is started.
  splitPairs(options.arg ?? []);
  return withHost(cli, { server, as, bundle, publicName: name }, async (session) => {
    const tool = await findNamed(session, { kind: 'tool', method: 'tools/list', name });
    const result = await session.request(
      'tools/call',
      {
        name,
        arguments: { ...given, ...toolArguments(options.arg ?? [], tool['inputSchema']) },
        ...(cli.output.progress && { _meta: { progressToken: 'call' } }),
      },
      { onNotification: (notification) => noteNotification(cli, notification) },
    );
    return printResult(cli, result);
  });
}

async function givenArguments({ context }: Cli, { args }: CallOptions): Promise<JsonObject> {
  if (args === undefined) return {};
  return parseArguments(args === '-' ? await text(context.stdin) : args);
}

function printResult({ output }: Cli, result: JsonObject): number {
  if (result['resultType'] === 'input_required') {
    throw cliErrors.CALL_FAILED({
      details: {
        message: 'The tool asks its user for input, which this command cannot give. Call it from an MCP client.',
      },
    });
  }
  const isFailed = result['isError'] === true;
  if (output.isJson) output.json(result);
  else {
    if (isFailed) output.warn(output.paintNote('red', 'The tool reported an error:'));
    const lines = contentLines(result['content']);
    for (const line of lines) output.print(line);
    const { structuredContent } = result;
    if (lines.length === 0 && structuredContent !== undefined) {
      output.print(printable(JSON.stringify(structuredContent, undefined, 2)));
    }
  }
  return isFailed ? exitCodes.CALL_FAILED : exitCodes.OK;
}

function noteNotification({ output }: Cli, { method, params = {} }: Notification): void {
  if (method === 'notifications/progress') {
    const { progress, total, message } = params;
    const share = typeof total === 'number' ? `${Number(progress)}/${total}` : `${Number(progress)}`;
    output.note(
      output.paintNote('dim', `${share} ${typeof message === 'string' ? printableLine(message) : ''}`.trimEnd()),
    );
  }
  if (method === 'notifications/message') {
    const { data } = params;
    output.note(output.paintNote('dim', printableLine(typeof data === 'string' ? data : (JSON.stringify(data) ?? ''))));
  }
}
