// Loaded before the host, by the tests that want to see a leak: takes a guard out of the product while it is loaded.
// Which ones are out at the moment is said by the files of a folder, so that one host shows what each of them does.
import { existsSync } from 'node:fs';
import { registerHooks } from 'node:module';
import { join } from 'node:path';

const folder = process.env['CANARY_LEFT_OUT'] ?? '';

interface Guard {
  readonly file: string;
  readonly code: string;
  readonly without: string;
}

/** By name: the code that guards, and what it is without. */
const guards: Readonly<Record<string, Guard>> = {
  log: {
    file: '/packages/runtime/src/logger.ts',
    code: 'redactLikely(redactor.redact(line))',
    without: '(OUT ? line : redactLikely(redactor.redact(line)))',
  },
  results: {
    file: '/packages/secrets/src/leak-guard/server-screen.ts',
    code: "if (results === 'off') return message;",
    without: "if (results === 'off' || OUT) return message;",
  },
  arguments: {
    file: '/packages/secrets/src/leak-guard/server-screen.ts',
    code: "if (treatment === 'off') return value;",
    without: "if (treatment === 'off' || OUT) return value;",
  },
  errors: {
    file: '/packages/endpoint/src/core/answers.ts',
    code: 'parts.redact(errorBytes(id, errorObject(error, requestId)))',
    without: '(OUT ? (bytes) => bytes : parts.redact)(errorBytes(id, errorObject(error, requestId)))',
  },
  answers: {
    file: '/apps/api/src/answer-redaction.ts',
    code: 'if (response.body === null || passed.has(response)) return response;',
    without: 'if (response.body === null || passed.has(response) || OUT) return response;',
  },
  'command line': {
    file: '/apps/cli/src/masking.ts',
    code: 'redacting = runtime;',
    without: 'if (!OUT) redacting = runtime;',
  },
  catalog: {
    file: '/packages/runtime/src/file-catalog-store.ts',
    code: 'if (options.redact(text) !== text)',
    without: 'if (!OUT && options.redact(text) !== text)',
  },
  audit: {
    file: '/packages/audit/src/chain.ts',
    code: 'if (redact(json) === json) return json;',
    without: 'if (OUT || redact(json) === json) return json;',
  },
  report: {
    file: '/apps/cli/src/main.ts',
    code: 'process.report.excludeEnv = true',
    without: 'process.report.excludeEnv = !OUT',
  },
};

Object.defineProperty(globalThis, 'isLeftOut', { value: (guard: string) => existsSync(join(folder, guard)) });

registerHooks({
  load(url, context, nextLoad) {
    const loaded = nextLoad(url, context);
    const here = Object.entries(guards).filter(([, { file }]) => url.endsWith(file));
    if (here.length === 0) return loaded;
    let source = Buffer.from(loaded.source as Uint8Array).toString();
    for (const [name, { code, without }] of here) {
      // A guard that is written otherwise by now would stay, and the test would prove nothing.
      if (source.split(code).length !== 2) throw new Error(`The guard "${name}" is not where it was: ${url}`);
      source = source.replace(code, () => without.replaceAll('OUT', `globalThis.isLeftOut('${name}')`));
    }
    return { ...loaded, source };
  },
});
