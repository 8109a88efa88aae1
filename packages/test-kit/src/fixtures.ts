import { fileURLToPath } from 'node:url';

/** What to start, in the shape of a stdio server's configuration. */
export interface FixtureCommand {
  readonly command: string;
  readonly args: readonly string[];
}

/** The server that does everything right: `--stdio` or `--http`, `--era dual|legacy|modern|pinned`. */
export function conformanceServer(...parameters: readonly string[]): FixtureCommand {
  return fixture('conformance-server.ts', parameters);
}

/** The server that does everything wrong; stdio unless `--http` is given. The README lists what it can do. */
export function chaosServer(...parameters: readonly string[]): FixtureCommand {
  return fixture('chaos-server.ts', parameters);
}

/** The server whose definitions stand in this file, and change with it. */
export function changingServer(file: string): FixtureCommand {
  return fixture('changing-server.ts', [file]);
}

function fixture(file: string, parameters: readonly string[]): FixtureCommand {
  return { command: process.execPath, args: [fileURLToPath(new URL(file, import.meta.url)), ...parameters] };
}
