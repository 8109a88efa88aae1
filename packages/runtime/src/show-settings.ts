import { HIDDEN_VALUE } from '@hostler/config';
import { isJsonObject } from '@hostler/kernel';
import type { Json, JsonObject } from '@hostler/kernel';

/** Settings as anybody may see them: references stay, literal values that may be secret are hidden. */
export function showSettings(settings: JsonObject): JsonObject {
  return Object.fromEntries(Object.entries(settings).map(([key, value]) => [key, showSetting(key, value)]));
}

function showSetting(key: string, value: Json | undefined): Json | undefined {
  switch (key) {
    case 'env':
    case 'headers':
    case 'tls':
      return isJsonObject(value) ? hideTexts(value) : value;
    case 'url':
    case 'proxy':
      return typeof value === 'string' ? showUrl(value) : value;
    default:
      return value;
  }
}

function hideTexts(values: JsonObject): JsonObject {
  const entries = Object.entries(values).map(([name, value]) => [
    name,
    isJsonObject(value) || name === 'serverName' ? value : HIDDEN_VALUE,
  ]);
  return Object.fromEntries(entries) as JsonObject;
}

/** Some servers take their key in the query. */
function showUrl(text: string): string {
  if (!URL.canParse(text)) return text;
  const url = new URL(text);
  if (url.search === '' && url.password === '' && url.hash === '') return text;
  for (const name of new Set(url.searchParams.keys())) url.searchParams.set(name, HIDDEN_VALUE);
  if (url.password !== '') url.password = 'set';
  url.hash = '';
  return url.href.replaceAll(encodeURIComponent(HIDDEN_VALUE), HIDDEN_VALUE);
}
