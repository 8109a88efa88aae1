/**
 * Legacy: revisions up to 2025-11-25, opened by `initialize`, with sessions and requests in both directions.
 * Modern: 2026-07-28 and later, stateless, every request carries its own metadata.
 * Source: MCP specification 2026-07-28, basic/versioning.
 */
export type Era = 'legacy' | 'modern';
