// Every export here is public. Named exports only.

// What a provider author needs.
export { defineSecretProvider, isSecretProviderDefinition } from './define-secret-provider.ts';
export type { SecretProviderDefinition, SecretProviderParts } from './define-secret-provider.ts';
export type { SecretProvider, SecretProviderContext, SecretReading } from './secret-provider.ts';
export { secretErrors } from './secret-errors.ts';
export type { StandardSchemaIssue, StandardSchemaResult, StandardSchemaV1 } from './standard-schema.ts';

// References and values.
export { parseSecretRef } from './secret-ref.ts';
export type { SecretRef } from './secret-ref.ts';
export { Secret } from './secret.ts';

// Resolving.
export { createSecretResolver } from './resolver/secret-resolver.ts';
export type { ProviderCheck, SecretResolver, SecretResolverOptions } from './resolver/secret-resolver.ts';
export { DEFAULT_SECRET_LIMITS } from './resolver/limits.ts';
export type { SecretLimits } from './resolver/limits.ts';

// Masking.
export { createRedactor } from './redactor/redactor.ts';
export type { Redactor, RedactorLimits } from './redactor/redactor.ts';
export type { RedactionStream } from './redactor/redaction-stream.ts';

// Built-in providers.
export { createEnvProvider } from './providers/env.ts';
export { createFileProvider } from './providers/file.ts';
export { createMemoryProvider } from './providers/memory.ts';
export type { MemoryFailure, MemoryProvider } from './providers/memory.ts';
