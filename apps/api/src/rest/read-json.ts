import { httpErrors } from '@hostler/endpoint';
import type { Json } from '@hostler/kernel';
import { parseJson } from '@hostler/protocol';

const JSON_TYPE = /^application\/json[ \t]*(?:;[ \t]*charset[ \t]*=[ \t]*(?:utf-?8|"utf-?8")[ \t]*)?;?[ \t]*$/i;

/**
 * The body of a request, bounded. How long it may take is the server's business: it bounds the whole request.
 * @throws HTTP_MEDIA_TYPE, HTTP_BODY_TOO_LARGE, PROTOCOL_PARSE, PROTOCOL_INVALID_REQUEST
 */
export async function readJson(request: Request, limit: number): Promise<Json> {
  const type = request.headers.get('content-type') ?? '';
  if (!JSON_TYPE.test(type) || request.headers.has('content-encoding')) throw httpErrors.MEDIA_TYPE();
  const tooLarge = (): Error => httpErrors.BODY_TOO_LARGE({ details: { limit } });
  if (Number(request.headers.get('content-length') ?? 0) > limit) throw tooLarge();
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of request.body ?? []) {
    size += chunk.length;
    if (size > limit) throw tooLarge();
    chunks.push(chunk);
  }
  return parseJson(Buffer.concat(chunks));
}
