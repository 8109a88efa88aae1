// The public surface of @hostler/protocol. A name added here is a promise.
export { Cancellable } from './cancellable.ts';
export { digestOf } from './canonical-text.ts';
export { claimedRevision, isLogLevel, metaKeys, passesLevel, takeClientFacts, withClientFacts } from './client-meta.ts';
export type { ClientFacts } from './client-meta.ts';
export { elementsOf, joinElements } from './edit-list.ts';
export { editObject, memberBytes } from './edit-object.ts';
export type { ObjectEdit } from './edit-object.ts';
export { messageLimits, parseJson, parseMessage, splitMessage, toMessage } from './envelope.ts';
export type { IncomingMessage, MessageId, MessageParts } from './envelope.ts';
export { errorObject, toHostlerError } from './error-object.ts';
export { protocolErrors } from './errors.ts';
export { enclosingUris } from './enclosing-uris.ts';
export { createEventReader, eventBytes, keepAliveText } from './event-stream.ts';
export type { EventReader, EventReaderOptions, StreamEvent } from './event-stream.ts';
export { RequestTable } from './request-table.ts';
export { checkShape, JsonShapeError, parseBytes, scanElements, scanMembers, skipValue, textOf } from './json-scan.ts';
export type { Member, ShapeLimits, Span } from './json-scan.ts';
export { JsonWalk } from './json-walk.ts';
export type { WalkVisitor } from './json-walk.ts';
export { createLineReader } from './line-reader.ts';
export type { LineReader, LineReaderOptions } from './line-reader.ts';
export {
  errorBytes,
  notificationBytes,
  onOneLine,
  requestBytes,
  responseBytes,
  responsePieces,
  resultBytes,
} from './message-bytes.ts';
export { hasMethod, isCacheable, listKinds, mayAct, mayRequireInput } from './methods.ts';
export type { ListKind, ListName } from './methods.ts';
export { inOnePiece } from './one-piece.ts';
export { mirroredArguments, parameterHeaders } from './parameter-headers.ts';
export type { MirroredArgument } from './parameter-headers.ts';
export { createStateSeal, stateRefusal } from './request-state.ts';
export type { OpenedState, SealedState, StateBinding, StateSeal, StateSealOptions } from './request-state.ts';
export {
  eraOf,
  legacyRevisions,
  modernRevisions,
  namesModernEra,
  negotiateLegacyRevision,
  newestLegacyRevision,
  newestModernRevision,
} from './revisions.ts';
export { describeDiscover, describeInitialize, discoverResult, initializeResult } from './server-description.ts';
export type { ServerDescription } from './server-description.ts';
export {
  checkStandardHeaders,
  decodeHeaderValue,
  encodeHeaderValue,
  mirroredName,
  standardHeaders,
} from './standard-headers.ts';
export type { StandardHeaders } from './standard-headers.ts';
export { checkAroundResult, resultStart } from './result-head.ts';
export { createByteJoiner } from './byte-joiner.ts';
export type { ByteJoiner } from './byte-joiner.ts';
export { wholeCharacters } from './whole-characters.ts';
export { legacyTool } from './structured-content.ts';
export { toolWithoutTasks } from './task-support.ts';
export { ArrivingMembers } from './arriving-members.ts';
export type { MemberEdit, MemberFate } from './arriving-members.ts';
export { arrivingLegacyResult } from './translate-arriving.ts';
export { resultTypeOf, translateOutcome } from './translate.ts';
export type { TranslationContext } from './translate.ts';
export { changingLists, tellsOfChange, watchedLists } from './watched-lists.ts';
export type { WatchedList } from './watched-lists.ts';
