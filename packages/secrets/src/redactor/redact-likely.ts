import { maskNamedValues } from './named-values.ts';
import { maskShapes } from './secret-shapes.ts';

/**
 * Masks what looks like a secret: values whose name says so, and texts in the form of well-known tokens. The second
 * layer, for logs and error texts: it knows no value, so it misses some and may mask something harmless. Never for
 * results that go to clients. Takes time in proportion to the text.
 */
export function redactLikely(text: string): string {
  return maskShapes(maskNamedValues(text));
}
