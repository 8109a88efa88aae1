import { isJsonObject } from '@hostler/kernel';
import type { Json, JsonObject } from '@hostler/kernel';
import type { TranslationContext } from '../translation-context.ts';

export const GCP_PROVIDER = '@hostler/secrets-gcp';

/** References by the variable they are for. What is of another shape than `gcp_secrets` has is a problem. */
export function clientSecrets(
  name: string,
  { gcp_secrets: secrets }: JsonObject,
  { problems, paths }: TranslationContext,
): ReadonlyMap<string, string> {
  const references = new Map<string, string>();
  if (secrets === undefined || secrets === null) return references;
  const path = ['servers', name, 'gcp_secrets'];
  if (!Array.isArray(secrets)) {
    problems.add(path, 'expected a list of { secret_id, env_var_name }');
    return references;
  }
  for (const [index, entry] of (secrets as readonly Json[]).entries()) {
    const place = [...path, index];
    const { secret_id: id, env_var_name: variable } = isJsonObject(entry) ? entry : {};
    if (typeof id !== 'string' || id === '' || typeof variable !== 'string') {
      problems.add(place, 'expected { secret_id, env_var_name }');
    } else if (references.has(variable)) {
      problems.add([...place, 'env_var_name'], 'this variable stands here twice');
    } else {
      const origin = paths.toFilePath(place);
      paths.set(['servers', name, 'env', variable], [...origin, 'env_var_name']);
      paths.set(['servers', name, 'env', variable, 'secret'], [...origin, 'secret_id']);
      references.set(variable, `gcp://${id}`);
    }
  }
  return references;
}
