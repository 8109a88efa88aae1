export { principalOf } from './client.ts';
export type { Client, ClientSession, Consumer, Identity } from './client.ts';
export type { Era } from './era.ts';
export { defineErrors, HostlerError, isHostlerError } from './errors.ts';
export type { ErrorKind, ErrorOptions, ErrorTable, Fault } from './errors.ts';
export type { Exchange, Outcome, ResultSink, Scope } from './exchange.ts';
export { isJsonObject } from './json.ts';
export type { Json, JsonObject } from './json.ts';
export type { ClientAnswer, ClientRequest, McpRequest, Notification } from './message.ts';
export { Payload } from './payload.ts';
export type { Clock, Logger } from './ports.ts';
export type { CallLimitSpec, CallRate, CountedRate, RateSpec } from './rates.ts';
export type {
  ArgumentOverride,
  ChildResources,
  ConcurrencySpec,
  DefinitionOverride,
  GroupMember,
  GroupSpec,
  HttpSpec,
  InProcessServer,
  InProcessSpec,
  NetworkSpec,
  OAuthSpec,
  OfferSpec,
  RecycleSpec,
  RootSpec,
  SecretUse,
  Setting,
  StdioSpec,
  TlsSpec,
  ToolOverride,
  UpstreamSpec,
  WebSocketSpec,
} from './upstream-spec.ts';
export type { DriftAction, DriftGrade, DriftPolicy, View, ViewKind, ViewSpec } from './view.ts';
