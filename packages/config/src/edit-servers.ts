import { isDeepStrictEqual } from 'node:util';
import { isJsonObject } from '@hostler/kernel';
import type { Json, JsonObject } from '@hostler/kernel';
import { editJson } from './document/edit-json.ts';
import { editYaml } from './document/edit-yaml.ts';
import { editsBetween } from './document/edit.ts';
import { configErrors } from './errors.ts';
import { parseConfig } from './parse.ts';
import { openSource, syntaxOf } from './source.ts';

/**
 * The text of a configuration with these servers, by name, written anew, and those that are undefined taken out. What is
 * not concerned stays as it is: comments, order, the rest of the file.
 * @throws CONFIG_NOT_EDITABLE, and CONFIG_INVALID when the text is no valid configuration, before or after
 */
export function editServers(
  text: string,
  file: string,
  servers: Readonly<Record<string, JsonObject | undefined>>,
): string {
  const { format, document } = openSource(text, file);
  if (format !== 'hostler') {
    throw notEditable(file, 'it is the file of another program. Make one of your own of it: hostler import');
  }
  parseConfig(text, file);
  const present = serversOf(document.value);
  const edits = Object.entries(servers).flatMap(([name, wanted]) =>
    editsBetween(['servers', name], present[name], wanted),
  );
  if (edits.length === 0) return text;
  let edited: string;
  try {
    edited = syntaxOf(file) === 'yaml' ? editYaml(text, edits) : editJson(text, edits);
  } catch (cause) {
    throw notEditable(file, 'what must be changed stands behind an alias or an anchor', cause);
  }
  // Aliases can carry an edit to places where nobody wants it.
  const wanted = Object.entries({ ...present, ...servers }).filter(([, settings]) => settings !== undefined);
  if (!isDeepStrictEqual(serversOf(openSource(edited, file).document.value), Object.fromEntries(wanted))) {
    throw notEditable(file, 'a change would reach other servers through an alias or an anchor');
  }
  parseConfig(edited, file);
  return edited;
}

function serversOf(value: Json | undefined): JsonObject {
  return isJsonObject(value) && isJsonObject(value['servers']) ? value['servers'] : {};
}

function notEditable(file: string, reason: string, cause?: unknown): Error {
  return configErrors.NOT_EDITABLE({ details: { file, reason }, ...(cause !== undefined && { cause }) });
}
