import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import type { McpRequest, Scope } from '@hostler/kernel';
import { digestOf } from './canonical-text.ts';
import { protocolErrors } from './errors.ts';
import { mayAct } from './methods.ts';

/** What a sealed state belongs to: it opens for nobody and nothing else. */
export interface StateBinding {
  readonly consumer: string;
  readonly scope: Scope;
  readonly request: McpRequest;
}

export interface SealedState {
  /** Unguessable, and different for each state: for whoever has to see that it is used once. */
  readonly id: string;
  /** The `requestState` that the client gets. */
  readonly text: string;
}

export interface OpenedState {
  readonly id: string;
  readonly content: string;
}

export interface StateSealOptions {
  /** 32 bytes. Whoever has it can make states. */
  readonly key: Uint8Array;
  /** Milliseconds, as a clock counts them. */
  readonly now: () => number;
  /** Milliseconds for which a state is good. */
  readonly lifetime: number;
}

/**
 * Makes and reads `requestState`: authenticated encryption, so that a client can neither read nor change what it carries
 * back. Source: MCP 2026-07-28, basic/patterns/mrtr (integrity, principal, digest, expiry).
 */
export interface StateSeal {
  /** @throws PROTOCOL_STATE_TOO_LARGE */
  seal(content: string, binding: StateBinding): SealedState;
  /** Undefined for whatever was not sealed here, for this binding, and is still good; nothing tells which it was. */
  open(text: unknown, binding: StateBinding): OpenedState | undefined;
}

/** Bytes of content that fit in a state. */
export const maxStateBytes: number = 8 * 1024;

const CIPHER = 'aes-256-gcm';
const IV_BYTES = 12;
const ID_BYTES = 16;
const EXPIRY_BYTES = 8;
const TAG_BYTES = 16;
const HEAD_BYTES = ID_BYTES + EXPIRY_BYTES;
const LEAST_BYTES = IV_BYTES + HEAD_BYTES + TAG_BYTES;
/** In base64url, three bytes are four characters. */
const MAX_TEXT = Math.ceil(((LEAST_BYTES + maxStateBytes) * 4) / 3);

export function createStateSeal({ key, now, lifetime }: StateSealOptions): StateSeal {
  return {
    seal(content, binding) {
      const body = Buffer.from(content);
      if (body.length > maxStateBytes) throw tooLarge(binding.request);
      const id = randomBytes(ID_BYTES);
      const expiry = Buffer.alloc(EXPIRY_BYTES);
      expiry.writeDoubleBE(now() + lifetime);
      const iv = randomBytes(IV_BYTES);
      const cipher = createCipheriv(CIPHER, key, iv, { authTagLength: TAG_BYTES }).setAAD(toBytes(binding));
      const sealed = [iv, cipher.update(Buffer.concat([id, expiry, body])), cipher.final(), cipher.getAuthTag()];
      return { id: id.toString('base64url'), text: Buffer.concat(sealed).toString('base64url') };
    },
    open(text, binding) {
      if (typeof text !== 'string' || text.length > MAX_TEXT) return undefined;
      const sealed = Buffer.from(text, 'base64url');
      // The decoder skips what is none of its characters, and other text for the same bytes is not what was given out.
      if (sealed.length < LEAST_BYTES || sealed.toString('base64url') !== text) return undefined;
      const opened = decrypt(key, sealed, toBytes(binding));
      if (opened === undefined || now() >= opened.readDoubleBE(ID_BYTES)) return undefined;
      return {
        id: opened.toString('base64url', 0, ID_BYTES),
        content: opened.toString('utf8', HEAD_BYTES),
      };
    },
  };
}

/** The error for every state that does not open: one code, one message, one set of data, whatever the reason. */
export function stateRefusal({ method }: McpRequest): Error {
  return protocolErrors.STATE_REFUSED({ details: { mayHaveRun: mayAct(method) } });
}

function decrypt(key: Uint8Array, sealed: Buffer, binding: Uint8Array): Buffer | undefined {
  const iv = sealed.subarray(0, IV_BYTES);
  const tag = sealed.subarray(-TAG_BYTES);
  const decipher = createDecipheriv(CIPHER, key, iv, { authTagLength: TAG_BYTES }).setAAD(binding).setAuthTag(tag);
  try {
    return Buffer.concat([decipher.update(sealed.subarray(IV_BYTES, -TAG_BYTES)), decipher.final()]);
  } catch {
    // The tag does not fit: that is the answer.
    return undefined;
  }
}

/** The parts as a list, so that none can run into the next. What a retry adds or may change is left out. */
function toBytes({ consumer, scope, request }: StateBinding): Uint8Array {
  const { inputResponses: _answers, requestState: _state, _meta, ...params } = request.params;
  const name = scope.kind === 'server' ? scope.name : (scope.bundle ?? '');
  return Buffer.from(JSON.stringify(['hostler 1', consumer, scope.kind, name, digestOf([request.method, params])]));
}

function tooLarge({ method }: McpRequest): Error {
  return protocolErrors.STATE_TOO_LARGE({ details: { limit: maxStateBytes, mayHaveRun: mayAct(method) } });
}
