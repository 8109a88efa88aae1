import type { Agent, ClientRequest, IncomingMessage } from 'node:http';
import process from 'node:process';
import { isWhole } from '@hostler/endpoint';
import type { HttpRequest, HttpResponse, RequestHead } from '@hostler/endpoint';
import type { Logger } from '@hostler/kernel';
import type { Peer } from '../forwarded-peer.ts';
import { PEER_HEADER, socketOf, TOKEN_HEADER } from './inside-socket.ts';

export interface ForwarderOptions {
  readonly folder: string;
  readonly token: string;
  readonly peerOf: (request: RequestHead) => Peer;
  readonly log: Logger;
}

export interface Forwarding {
  readonly request: HttpRequest;
  readonly response: HttpResponse;
  /** Where it has been read already. */
  readonly body?: Uint8Array;
  /** Answers it here, when the other process is not there; absent: the client is told to come again. */
  readonly otherwise?: () => void;
}

/** Takes requests to the process that has what they are about. */
export interface Forwarder {
  forward(place: number, forwarding: Forwarding): void;
  close(): void;
}

/** Of one connection, or made anew for the next one. Source: RFC 9110, 7.6.1. */
const HOP: ReadonlySet<string> = new Set([
  'connection',
  'keep-alive',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
  'expect',
  TOKEN_HEADER,
  PEER_HEADER,
]);
/** Connections to each other process that wait for the next request. */
const IDLE_CONNECTIONS = 64;

export function createForwarder(options: ForwarderOptions): Forwarder {
  const { Agent: AgentOfNode, request: send } = process.getBuiltinModule('node:http');
  const agent: Agent = new AgentOfNode({ keepAlive: true, maxFreeSockets: IDLE_CONNECTIONS });
  return {
    forward(place, forwarding) {
      const { request } = forwarding;
      const body = bodyOf(forwarding);
      const { folder, token, peerOf } = options;
      const peer = Buffer.from(JSON.stringify(peerOf(request))).toString('base64');
      const headers = [...passedOn(request.rawHeaders), TOKEN_HEADER, token, PEER_HEADER, peer];
      if (body !== undefined && request.headers['content-length'] === undefined) {
        headers.push('content-length', String(body.length));
      }
      const { method, url: path } = request;
      const outgoing = send({ socketPath: socketOf(folder, place), method, path, headers, agent, setHost: false });
      connectBoth(outgoing, forwarding, options.log);
    },
    close: () => agent.destroy(),
  };
}

function bodyOf({ request, body }: Forwarding): Uint8Array | undefined {
  return isWhole(request) ? request.whole : body;
}

function connectBoth(outgoing: ClientRequest, forwarding: Forwarding, log: Logger): void {
  const { request, response, otherwise } = forwarding;
  let isSent = false;
  outgoing.on('response', (answer) => {
    response.writeHead(answer.statusCode ?? 502, passedOn(answer.rawHeaders));
    // The head of a stream goes out before anything is said in it.
    response.flushHeaders();
    passBody(answer, response);
    answer.once('close', () => answer.complete || response.destroy());
  });
  outgoing.on('error', (error) => {
    if (response.destroyed) return;
    log.debug({ error }, 'another process of this host does not answer');
    if (!isSent && otherwise !== undefined) otherwise();
    else if (response.headersSent) response.destroy();
    else {
      response.writeHead(503, { 'retry-after': '1', connection: 'close' });
      response.end();
    }
  });
  // The client is gone, or has its answer.
  response.once('close', () => outgoing.destroy());
  // Nothing is read before somebody is there to read it: until then it can still be answered here.
  const send = (): void => {
    isSent = true;
    const body = bodyOf(forwarding);
    if (body !== undefined) outgoing.end(body);
    else if (!isWhole(request)) request.pipe(outgoing);
  };
  outgoing.once('socket', (socket) => (socket.connecting ? socket.once('connect', send) : send()));
}

function passBody(answer: IncomingMessage, response: HttpResponse): void {
  answer.on('data', (chunk: Buffer) => void (response.write(chunk) || answer.pause()));
  answer.once('end', () => response.end());
  response.on('drain', () => answer.resume());
}

/** As they came, names and values in turn. */
function passedOn(raw: readonly string[]): string[] {
  const kept: string[] = [];
  for (let index = 0; index < raw.length; index += 2) {
    const name = raw[index] as string;
    if (!HOP.has(name.toLowerCase())) kept.push(name, raw[index + 1] as string);
  }
  return kept;
}
