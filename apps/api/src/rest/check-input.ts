import { isJsonObject } from '@hostler/kernel';
import type { Json, JsonObject } from '@hostler/kernel';
import * as v from 'valibot';
import type { GenericSchema } from 'valibot';
import { apiErrors } from '../errors.ts';

/** What a request got wrong, and where: a JSON Pointer into the body, or the name of a parameter. */
interface InputProblem {
  readonly pointer?: string;
  readonly parameter?: string;
  readonly message: string;
  readonly [key: string]: Json | undefined;
}

const NO_QUERY = v.strictObject({});

/** @throws API_REQUEST_INVALID with every problem */
export function checkQuery(schema: GenericSchema | undefined, query: URLSearchParams): unknown {
  const given: Record<string, string> = {};
  for (const [name, value] of query) {
    if (Object.hasOwn(given, name)) refuse([{ parameter: name, message: 'stands here twice' }]);
    given[name] = value;
  }
  return check(schema ?? NO_QUERY, given, (path) => ({ parameter: String(path[0] ?? '') }));
}

/** @throws API_REQUEST_INVALID with every problem */
export function checkBody(schema: GenericSchema, body: Json): unknown {
  const lists = listsIn(schema, body);
  if (lists.length > 0) refuse(lists.map((pointer) => ({ pointer, message: 'must be an object' })));
  const checked = check(schema, body, (path) => ({ pointer: path.map((step) => `/${escape(step)}`).join('') }));
  // As it was sent, with the defaults: valibot drops members that are called `constructor` or `prototype`.
  return { ...(checked as object), ...(body as JsonObject) };
}

/** A list has members too, and valibot takes it for an object. */
function listsIn(schema: GenericSchema, body: Json): string[] {
  if (!isJsonObject(body)) return [''];
  const entries = 'entries' in schema ? Object.entries(schema.entries as Record<string, GenericSchema>) : [];
  return entries.filter(([key, entry]) => Array.isArray(body[key]) && !takesList(entry)).map(([key]) => `/${key}`);
}

function takesList(schema: GenericSchema): boolean {
  return schema.type === 'array' || ('wrapped' in schema && takesList(schema.wrapped as GenericSchema));
}

type Step = string | number;

function check(schema: GenericSchema, value: unknown, place: (path: readonly Step[]) => object): unknown {
  const checked = v.safeParse(schema, value);
  if (checked.success) return checked.output;
  return refuse(
    checked.issues.map((issue) => ({
      ...place((issue.path ?? []).map(({ key }) => key as Step)),
      message: issue.expected === 'never' ? 'is not known here' : issue.message,
    })),
  );
}

function refuse(problems: readonly InputProblem[]): never {
  throw apiErrors.REQUEST_INVALID({ details: { problems } });
}

/** RFC 6901, section 3. */
function escape(step: Step): string {
  return String(step).replaceAll('~', '~0').replaceAll('/', '~1');
}
