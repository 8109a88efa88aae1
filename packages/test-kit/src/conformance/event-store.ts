import type { EventId, EventStore, JSONRPCMessage, StreamId } from '@modelcontextprotocol/server';

interface StoredEvent {
  readonly id: EventId;
  readonly stream: StreamId;
  readonly message: JSONRPCMessage;
}

/** Remembers the last events of a session, so that a client may resume a stream with `Last-Event-ID`. */
export function createEventStore(capacity = 256): EventStore {
  const events: StoredEvent[] = [];
  let count = 0;
  return {
    async storeEvent(stream, message) {
      count += 1;
      const id = `${stream}_${count}`;
      events.push({ id, stream, message });
      if (events.length > capacity) events.shift();
      return id;
    },
    async getStreamIdForEventId(id) {
      return events.find((event) => event.id === id)?.stream;
    },
    async replayEventsAfter(lastEventId, { send }) {
      const index = events.findIndex((event) => event.id === lastEventId);
      const stream = events[index]?.stream;
      if (stream === undefined) throw new Error(`Unknown event id ${lastEventId}`);
      for (const event of events.slice(index + 1)) {
        // A priming event has no message of its own; replaying it would look like an answer.
        if (event.stream === stream && 'jsonrpc' in event.message) await send(event.id, event.message);
      }
      return stream;
    },
  };
}
