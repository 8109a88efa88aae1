import { createRequire } from 'node:module';
import type { Metadata, Server, ServiceDefinition, sendUnaryData, ServerUnaryCall } from '@grpc/grpc-js';
import { CODES } from './gcp-secret-store.ts';
import type { GcpAnswer, GcpSecretStore } from './gcp-secret-store.ts';

export interface GcpListener {
  readonly port: number;
  /** Ends all connections and frees the port. */
  stop(): Promise<void>;
}

export interface GcpListenOptions {
  readonly port: number;
  readonly tls?: GcpCertificate | undefined;
}

/** PEM. */
export interface GcpCertificate {
  readonly key: string;
  readonly cert: string;
}

/** A field of a kind that there is not. */
const BROKEN = Buffer.of(0x7f);

/** Speaks gRPC as the service does, by the client library's own description of the messages. */
export async function listenGrpc(store: GcpSecretStore, options: GcpListenOptions): Promise<GcpListener> {
  const grpc = await import('@grpc/grpc-js');
  const { service, encode } = await describeService();
  const server = new grpc.Server();
  let address = '';
  const fail = (): void => server.drain(address, 0);
  server.addService(service, {
    accessSecretVersion(call: ServerUnaryCall<{ name: string }, Uint8Array>, answer: sendUnaryData<Uint8Array>) {
      const gone = new AbortController();
      call.on('cancelled', () => gone.abort());
      const [authorization] = call.metadata.get('authorization');
      const request = { transport: 'grpc', name: call.request.name, authorization: authorization?.toString() } as const;
      store.access(request, gone.signal).then(
        (given) => {
          if (given.kind === 'cut') return fail();
          // What the library makes of an HTTP answer that is no gRPC (the mapping is gRPC's own).
          if (given.kind === 'proxy-page') return answer({ code: grpc.status.UNIMPLEMENTED });
          if (given.kind === 'error') return answer(toStatus(new grpc.Metadata(), given));
          return answer(null, given.kind === 'garbage' ? Buffer.concat([BROKEN, given.data]) : encode(given));
        },
        () => undefined,
      );
    },
  });
  const { tls } = options;
  const credentials =
    tls === undefined
      ? grpc.ServerCredentials.createInsecure()
      : grpc.ServerCredentials.createSsl(null, [
          { private_key: Buffer.from(tls.key), cert_chain: Buffer.from(tls.cert) },
        ]);
  const port = await bind(server, options.port, credentials);
  address = `127.0.0.1:${port}`;
  return { port, stop: async () => server.forceShutdown() };
}

function bind(server: Server, port: number, credentials: Parameters<Server['bindAsync']>[1]): Promise<number> {
  return new Promise((resolve, reject) => {
    server.bindAsync(`127.0.0.1:${port}`, credentials, (error, bound) => (error ? reject(error) : resolve(bound)));
  });
}

/** The service with answers as bytes, so that it can also send what is no message. */
async function describeService(): Promise<{
  service: ServiceDefinition;
  encode: (version: Extract<GcpAnswer, { kind: 'version' }>) => Uint8Array;
}> {
  const loader = await import('@grpc/proto-loader');
  const description: object = createRequire(import.meta.url)('@google-cloud/secret-manager/build/protos/protos.json');
  const { accessSecretVersion, ...others } = (loader.fromJSON(description, { defaults: true })[
    'google.cloud.secretmanager.v1.SecretManagerService'
  ] ?? {}) as Record<string, unknown>;
  const method = (accessSecretVersion ?? others['AccessSecretVersion']) as ServiceDefinition[string];
  return {
    service: { accessSecretVersion: { ...method, responseSerialize: (bytes: Uint8Array) => Buffer.from(bytes) } },
    encode: ({ name, data, checksum }) =>
      method.responseSerialize({
        name,
        ...(data !== undefined && { payload: { data, ...(checksum !== undefined && { dataCrc32c: checksum }) } }),
      }),
  };
}

function toStatus(
  metadata: Metadata,
  { status, message, reason }: Extract<GcpAnswer, { kind: 'error' }>,
): Parameters<sendUnaryData<Uint8Array>>[0] {
  const [code] = CODES[status];
  if (reason !== undefined) metadata.set('grpc-status-details-bin', statusDetails(code, message, reason));
  return { code, details: message, metadata };
}

/** A `google.rpc.Status` that holds one `ErrorInfo`, written by hand: three nested messages of short texts. */
function statusDetails(code: number, message: string, reason: string): Buffer {
  const errorInfo = Buffer.concat([field(1, reason), field(2, 'googleapis.com')]);
  const any = Buffer.concat([field(1, 'type.googleapis.com/google.rpc.ErrorInfo'), field(2, errorInfo)]);
  return Buffer.concat([Buffer.from([8, code]), field(2, message), field(3, any)]);
}

function field(number: number, content: string | Uint8Array): Buffer {
  const bytes = Buffer.from(content as string);
  const length = bytes.length < 128 ? [bytes.length] : [(bytes.length & 127) | 128, bytes.length >> 7];
  return Buffer.concat([Buffer.from([(number << 3) | 2, ...length]), bytes]);
}
