import { randomBytes } from 'node:crypto';
import { principalOf } from '@hostler/kernel';
import type { Clock, Exchange, HostlerError } from '@hostler/kernel';
import { createStateSeal, stateRefusal } from '@hostler/protocol';
import type { StateBinding, StateSeal } from '@hostler/protocol';
import type { EndpointLimits } from '../limits.ts';
import type { AskingCall } from './asking-call.ts';
import { ParkedCalls } from './parked-calls.ts';

export interface RequestStatesOptions {
  readonly clock: Clock;
  readonly limits: EndpointLimits;
  /** 32 bytes; a random one by default: what a state stands for is lost with this process anyway. */
  readonly key?: Uint8Array | undefined;
  /** See `EndpointParts`. */
  readonly mark?: string;
}

/** What a `requestState` that came back stands for. */
export type TakenState =
  | { readonly kind: 'parked'; readonly call: AskingCall }
  /** The server's own state, as it gave it out. */
  | { readonly kind: 'server'; readonly state: string };

type Holder = Pick<Exchange, 'consumer' | 'scope' | 'request'>;

/** Of the content: a parked call is found by the id alone, and a server's own state may be empty text. */
const SERVER_MARK = 's';

/** Every `requestState` that clients hold, each good for one use by the one it was given to. */
export class RequestStates {
  readonly parked: ParkedCalls<AskingCall>;
  readonly #seal: StateSeal;
  readonly #maxKept: number;
  readonly #mark: string;
  /** Ids that are out, by consumer, oldest first. What was used or forgotten is not here. */
  readonly #out = new Map<string, Set<string>>();

  constructor({ clock, limits, key = randomBytes(32), mark = '' }: RequestStatesOptions) {
    this.parked = new ParkedCalls({ clock, limits });
    this.#seal = createStateSeal({ key, now: () => clock.now(), lifetime: limits.parkedFor });
    this.#maxKept = limits.inputStatesPerConsumer;
    this.#mark = mark;
  }

  /** Parks a call. @returns undefined when there is no room; else the state, and what takes the call out again */
  park(call: AskingCall, holder: Holder): { readonly text: string; readonly leave: () => void } | undefined {
    if (!this.parked.hasRoom(call.consumer.name)) return undefined;
    const { id, text } = this.#seal.seal('', bindingOf(holder));
    return { text: text + this.#mark, leave: this.parked.park(id, call) };
  }

  /** Seals the state that a modern server gave out. @throws PROTOCOL_STATE_TOO_LARGE */
  sealServerState(state: string, holder: Holder): string {
    const { id, text } = this.#seal.seal(SERVER_MARK + state, bindingOf(holder));
    const { name } = holder.consumer;
    const ids = this.#out.get(name) ?? new Set();
    this.#out.set(name, ids.add(id));
    const [oldest = id] = ids;
    if (ids.size > this.#maxKept) ids.delete(oldest);
    return text + this.#mark;
  }

  /** @throws PROTOCOL_STATE_REFUSED: the same for a stolen, altered, expired, used or invented state */
  take(holder: Holder): TakenState {
    const opened = this.#seal.open(this.#withoutMark(holder.request.params['requestState']), bindingOf(holder));
    if (opened === undefined) throw stateRefusal(holder.request);
    const { id, content } = opened;
    if (content.startsWith(SERVER_MARK)) {
      if (!this.#useUp(holder.consumer.name, id)) throw stateRefusal(holder.request);
      return { kind: 'server', state: content.slice(SERVER_MARK.length) };
    }
    const call = this.parked.take(id);
    if (call === undefined) throw stateRefusal(holder.request);
    return { kind: 'parked', call };
  }

  /** Ends every parked call; none is parked from here on. */
  close(reason: HostlerError): void {
    this.parked.close(reason);
    this.#out.clear();
  }

  /** What bears another one is none of these. */
  #withoutMark(state: unknown): unknown {
    if (this.#mark === '' || typeof state !== 'string') return state;
    return state.endsWith(this.#mark) ? state.slice(0, -this.#mark.length) : undefined;
  }

  #useUp(consumer: string, id: string): boolean {
    const ids = this.#out.get(consumer);
    const wasOut = ids?.delete(id) === true;
    if (ids?.size === 0) this.#out.delete(consumer);
    return wasOut;
  }
}

function bindingOf({ consumer, scope, request }: Holder): StateBinding {
  return { consumer: principalOf(consumer), scope, request };
}
