export type { AwsFault } from './clouds/aws-answer.ts';
export { startAwsSecretsManager } from './clouds/aws-secrets-manager.ts';
export type {
  AwsRequest,
  AwsSecretPlace,
  AwsSecretsManager,
  AwsSecretsManagerOptions,
} from './clouds/aws-secrets-manager.ts';
export type { AwsKey } from './clouds/aws-signature.ts';
export { startGcpSecretManager } from './clouds/gcp-secret-manager.ts';
export type { GcpSecretManager, GcpSecretManagerOptions } from './clouds/gcp-secret-manager.ts';
export type { GcpFault, GcpRead, GcpTransport } from './clouds/gcp-secret-store.ts';
export { DrivenClock, settle } from './driven-clock.ts';
export { changingServer, chaosServer, conformanceServer } from './fixtures.ts';
export type { FixtureCommand } from './fixtures.ts';
export { startFaultProxy } from './network/fault-proxy.ts';
export type { FaultProxy, NetworkFault } from './network/fault-proxy.ts';
export { openDescriptors } from './process/descriptors.ts';
export { alive, descendants } from './process/process-table.ts';
export { createLineQueue } from './process/line-queue.ts';
export type { LineQueue, LineQueueOptions } from './process/line-queue.ts';
export { redisProgram, startRedis } from './process/redis-server.ts';
export type { RedisServer } from './process/redis-server.ts';
export { startProcess } from './process/start-process.ts';
export type { ExitStatus, RunningProcess, StartOptions } from './process/start-process.ts';
export { temporaryDirectory } from './process/temporary-directory.ts';
export type { TemporaryDirectory } from './process/temporary-directory.ts';
export {
  initializedNotification,
  initializeRequest,
  legacyVersion,
  modernHeaders,
  modernMeta,
  modernRequest,
  modernVersion,
} from './wire/envelope.ts';
export type { EnvelopeOptions, WireMessage } from './wire/envelope.ts';
export { exchange, openExchange } from './wire/http-exchange.ts';
export type { HttpAnswer, HttpOptions, OpenExchange } from './wire/http-exchange.ts';
export { callModern, openLegacySession, openModern } from './wire/http-sessions.ts';
export type { LegacySession, ModernCallOptions, SessionOptions } from './wire/http-sessions.ts';
export { sendBytes } from './wire/raw-bytes.ts';
export { createEventParser } from './wire/server-sent-events.ts';
export type { ServerSentEvent } from './wire/server-sent-events.ts';
export { startStdioClient } from './wire/stdio-client.ts';
export type { StdioClient } from './wire/stdio-client.ts';
