// Every export here is public. Named exports only.

// What a provider author needs.
export { defineSecretProvider, isSecretProviderDefinition } from './define-secret-provider.ts';
export type { SecretProviderDefinition, SecretProviderParts } from './define-secret-provider.ts';
export type { SecretProvider, SecretProviderContext, SecretReading } from './secret-provider.ts';
export { secretErrors } from './secret-errors.ts';
export type { StandardSchemaIssue, StandardSchemaResult, StandardSchemaV1 } from './standard-schema.ts';

export { untilAborted } from './until-aborted.ts';

// References and values.
export { parseSecretRef } from './secret-ref.ts';
export type { SecretRef } from './secret-ref.ts';
export { expandReference, isTemplate, sampleOf } from './secret-template.ts';
export { Secret } from './secret.ts';

// Resolving.
export { createSecretResolver } from './resolver/secret-resolver.ts';
export type { ProviderCheck, SecretResolver, SecretResolverOptions } from './resolver/secret-resolver.ts';
export type { SecretChange, SecretStatus } from './resolver/secret-status.ts';
export { createSecretWatch } from './resolver/secret-watch.ts';
export type { SecretWatch, SecretWatchOptions } from './resolver/secret-watch.ts';
export { DEFAULT_SECRET_LIMITS } from './resolver/limits.ts';
export type { SecretLimits } from './resolver/limits.ts';

// Masking.
export { createRedactor } from './redactor/redactor.ts';
export type { FoundSecrets, Redactor, RedactorOptions } from './redactor/redactor.ts';
export { redactLikely } from './redactor/redact-likely.ts';
export type { RedactionStream } from './redactor/redaction-stream.ts';

// Guarding messages.
export { createLeakGuard } from './leak-guard/leak-guard.ts';
export type { LeakGuard, LeakGuardOptions } from './leak-guard/leak-guard.ts';
export type { LeakCount } from './leak-guard/leak-counts.ts';
export { DEFAULT_LEAK_POLICY } from './leak-guard/leak-policy.ts';
export type { LeakDirection, LeakPolicy, LeakTreatment } from './leak-guard/leak-policy.ts';
export type { MessageScreen } from './leak-guard/message-screen.ts';
export type { ResultScreen } from './leak-guard/result-screen.ts';

// Built-in providers.
export { createEnvProvider } from './providers/env.ts';
export { createFileProvider } from './providers/file.ts';
export { createMemoryProvider } from './providers/memory.ts';
export type { MemoryFailure, MemoryProvider } from './providers/memory.ts';

// Storing: the rest is in @hostler/secrets/vault.
export { problemOfVaultName } from './vault/vault-name.ts';
