import { basename, dirname } from 'node:path';
import { isJsonObject } from '@hostler/kernel';
import type { Json } from '@hostler/kernel';
import { isAurite } from './aurite/clients.ts';

/**
 * `hostler`: our own. `mcp-servers`: the map `mcpServers` of Claude Code, Claude Desktop, Cursor, Cline, Inspector and
 * others. `vs-code`: `servers` and `inputs` of VS Code. `aurite`: `clients` of Aurite's host, project and client files.
 */
export type ConfigFormat = 'hostler' | 'mcp-servers' | 'vs-code' | 'aurite';

/** File names that say `mcp-servers` even when the file has no servers yet. */
const MCP_SERVERS_FILES: ReadonlySet<string> = new Set([
  '.mcp.json',
  'claude_desktop_config.json',
  'cline_mcp_settings.json',
  'mcp-config.json',
]);

/** By name where the name decides, else by shape. */
export function detectFormat(value: Json | undefined, file: string): ConfigFormat {
  const name = basename(file);
  if (name.startsWith('hostler.')) return 'hostler';
  const keys = isJsonObject(value) ? value : {};
  if (Object.hasOwn(keys, 'mcpServers')) return 'mcp-servers';
  const folder = basename(dirname(file));
  if (
    Object.hasOwn(keys, 'inputs') ||
    (name === 'mcp.json' && (folder === '.vscode' || Object.hasOwn(keys, 'servers')))
  ) {
    return 'vs-code';
  }
  if (!Object.hasOwn(keys, 'servers') && isAurite(value)) return 'aurite';
  if (MCP_SERVERS_FILES.has(name) || (name === 'mcp.json' && folder === '.cursor')) return 'mcp-servers';
  return 'hostler';
}
