import { isDeepStrictEqual } from 'node:util';
import type { Consumer } from '@hostler/kernel';
import type { Runtime } from '@hostler/runtime';

type IsOver = (consumer: Consumer) => boolean;

/** What consumers hold ends when they are let in no longer. @returns the end of that */
export function endWithAccess(
  runtime: Pick<Runtime, 'plan' | 'consumers'>,
  holders: readonly { endWhere(isOver: IsOver): void }[],
): () => void {
  const { consumers } = runtime;
  let believed = believedProxies(runtime);
  return consumers.onChange(() => {
    const before = believed;
    believed = believedProxies(runtime);
    // A certificate does not say which proxy vouched for it: when others do, its clients have to show it again.
    const hasOther = !isDeepStrictEqual(before, believed);
    const isOver: IsOver = (consumer) =>
      !consumers.isGood(consumer) || (hasOther && consumer.identity?.method === 'certificate');
    for (const holder of holders) holder.endWhere(isOver);
  });
}

/** Whose word is taken for the certificate of a client, and in which header. */
function believedProxies({ plan: { auth, listen } }: Pick<Runtime, 'plan'>): unknown {
  return { header: auth.certificateHeader, proxies: listen.trustedProxies };
}
