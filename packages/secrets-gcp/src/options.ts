import * as v from 'valibot';
import { isProject } from './secret-name.ts';

const ENDPOINT = /^(?:\[[0-9a-f:]+\]|[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?)(?::[1-9]\d{0,4})?$/i;
const LOOPBACK = /^(?:localhost|127(?:\.\d{1,3}){3}|\[::1\])(?::\d+)?$/i;

const fields = v.strictObject({
  /** Project of references that name none; default: the project of the credentials. */
  project: v.exactOptional(
    v.pipe(v.string(), v.check(isProject, 'write the id or the number of a project, for example my-project')),
  ),
  /** `host` or `host:port` instead of Google's own endpoints, for Private Service Connect or an emulator. */
  endpoint: v.exactOptional(v.pipe(v.string(), v.regex(ENDPOINT, 'write host or host:port, without https://'))),
  transport: v.exactOptional(v.picklist(['grpc', 'rest']), 'grpc'),
  /** Without TLS and without credentials: for an emulator on this machine. */
  insecure: v.exactOptional(v.boolean(), false),
});

/** Without TLS anybody on the way could read values or put others in their place: on this machine only. */
function staysHere({ insecure, endpoint = '' }: v.InferOutput<typeof fields>): boolean {
  return !insecure || LOOPBACK.test(endpoint);
}

export const gcpOptions = v.pipe(
  fields,
  v.forward(v.check(staysHere, 'only together with an endpoint on this machine, for example 127.0.0.1:9090'), [
    'insecure',
  ]),
);

/** What `gcp.create` takes. */
export type GcpOptions = v.InferInput<typeof gcpOptions>;

export type CheckedGcpOptions = v.InferOutput<typeof gcpOptions>;
