import { secretErrors } from './secret-errors.ts';
import type { SecretProvider } from './secret-provider.ts';
import { isSecretScheme } from './secret-ref.ts';
import type { SchemaInput, SchemaOutput, StandardSchemaIssue, StandardSchemaV1 } from './standard-schema.ts';

/** What `create` of a provider returns: the provider without its scheme. */
export type SecretProviderParts = Omit<SecretProvider, 'scheme'>;

/** What a provider package exports. Recognised by `isSecretProviderDefinition`, also across copies of this package. */
export interface SecretProviderDefinition<Options> {
  readonly scheme: string;
  /**
   * Checks the options (absent is the same as `{}`) and builds the provider.
   * @throws SECRET_OPTIONS_INVALID
   */
  create(options: Options): Promise<SecretProvider>;
}

interface WithOptions<Schema extends StandardSchemaV1> {
  readonly scheme: string;
  readonly options: Schema;
  readonly create: (options: SchemaOutput<Schema>) => SecretProviderParts | Promise<SecretProviderParts>;
}

interface WithoutOptions {
  readonly scheme: string;
  readonly options?: never;
  readonly create: () => SecretProviderParts | Promise<SecretProviderParts>;
}

const MARK: unique symbol = Symbol.for('hostler.secret-provider') as never;

/**
 * Declares a provider: its scheme, the schema of its options and how it is built from checked options.
 * @throws SECRET_OPTIONS_INVALID for a scheme that no reference could name
 */
export function defineSecretProvider<Schema extends StandardSchemaV1>(
  declaration: WithOptions<Schema>,
): SecretProviderDefinition<SchemaInput<Schema>>;
export function defineSecretProvider(declaration: WithoutOptions): SecretProviderDefinition<void>;
export function defineSecretProvider(
  declaration: WithOptions<StandardSchemaV1> | WithoutOptions,
): SecretProviderDefinition<unknown> {
  const { scheme } = declaration;
  if (!isSecretScheme(scheme)) {
    throw wrong(scheme, 'a scheme is up to 32 lower-case letters, digits, +, . and -, and begins with a letter.');
  }
  return Object.freeze({
    [MARK]: true,
    scheme,
    async create(options: unknown): Promise<SecretProvider> {
      if (declaration.options !== undefined) {
        return toProvider(scheme, await declaration.create(await checkOptions(scheme, declaration.options, options)));
      }
      refuseOptions(scheme, options);
      return toProvider(scheme, await declaration.create());
    },
  });
}

export function isSecretProviderDefinition(value: unknown): value is SecretProviderDefinition<unknown> {
  return typeof value === 'object' && value !== null && MARK in value;
}

async function checkOptions<Schema extends StandardSchemaV1>(
  scheme: string,
  schema: Schema,
  options: unknown,
): Promise<SchemaOutput<Schema>> {
  const result = await schema['~standard'].validate(options ?? {});
  if (result.issues === undefined) return result.value;
  // Messages of a schema library may repeat the value, which may be a secret: callers get the paths only.
  const reasons = result.issues.map((issue) => `${pathOf(issue)}: ${issue.message}`);
  const paths = [...new Set(result.issues.map(pathOf))].join(', ');
  throw wrong(scheme, `check these options: ${paths}.`, new Error(reasons.join('\n')));
}

function refuseOptions(scheme: string, options: unknown): void {
  if (options === undefined || options === null) return;
  const names = typeof options === 'object' ? Object.keys(options) : ['(options)'];
  if (names.length > 0) throw wrong(scheme, `it takes no options; remove: ${names.join(', ')}.`);
}

function pathOf(issue: StandardSchemaIssue): string {
  const names = (issue.path ?? []).map((step) => String(typeof step === 'object' ? step.key : step));
  return names.length === 0 ? '(options)' : names.join('.');
}

/** Calls the methods on the object that holds them: it may be an instance of a class. */
function toProvider(scheme: string, parts: SecretProviderParts): SecretProvider {
  return {
    scheme,
    ...(parts.selectsKeys === undefined ? {} : { selectsKeys: parts.selectsKeys }),
    read: (ref, context) => parts.read(ref, context),
    ...(parts.problemOf === undefined ? {} : { problemOf: (ref) => parts.problemOf?.(ref) }),
    ...(parts.check === undefined ? {} : { check: async (context) => parts.check?.(context) }),
    ...(parts.close === undefined ? {} : { close: async () => parts.close?.() }),
  };
}

function wrong(scheme: string, problem: string, cause?: unknown): Error {
  return secretErrors.OPTIONS_INVALID({ details: { scheme, problem }, cause });
}
