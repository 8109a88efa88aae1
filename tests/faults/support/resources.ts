import { setTimeout as delay } from 'node:timers/promises';
import { descendants, openDescriptors } from '@hostler/test-kit';

/** What this process holds open. */
export interface Resources {
  readonly descriptors: readonly string[];
  readonly children: readonly number[];
  /** Sockets, pipes, timers … that keep the process alive, by kind. */
  readonly active: Readonly<Record<string, number>>;
}

/** Of Node itself: they come with the first use and stay. */
const lasting = /eventpoll|io_uring|eventfd|\/dev\/(null|urandom)|pidfd/;

export function takeResources(): Resources {
  const active: Record<string, number> = {};
  for (const kind of process.getActiveResourcesInfo()) active[kind] = (active[kind] ?? 0) + 1;
  return {
    descriptors: openDescriptors().filter((target) => !lasting.test(target)),
    children: descendants(process.pid),
    active,
  };
}

/** More descriptors or children than there were; one that was started again has another pid. */
export function moreThan({ descriptors, children }: Resources, now: Resources = takeResources()): readonly string[] {
  return [
    ...(now.descriptors.length > descriptors.length
      ? [`descriptors: ${listOf(descriptors)} -> ${listOf(now.descriptors)}`]
      : []),
    ...(now.children.length > children.length ? [`children: ${listOf(children)} -> ${listOf(now.children)}`] : []),
  ];
}

const listOf = (values: readonly unknown[]): string => `${values.length} (${values.join(', ')})`;

/** What is there now and was not before; empty when everything is back. */
export function grown(before: Resources, now: Resources = takeResources()): readonly string[] {
  const extra = now.descriptors.length - before.descriptors.length;
  const known = new Set(before.descriptors);
  return [
    ...(extra > 0 ? [`${extra} descriptors: ${now.descriptors.filter((one) => !known.has(one)).join(', ')}`] : []),
    ...now.children.filter((pid) => !before.children.includes(pid)).map((pid) => `child ${pid}`),
    ...Object.entries(now.active)
      .filter(([kind, count]) => count > (before.active[kind] ?? 0))
      .map(([kind, count]) => `${kind}: ${before.active[kind] ?? 0} -> ${count}`),
  ];
}

const RECOVERY = 10_000;

/** What is still found after ten seconds. No timer of its own runs while it looks: timers are counted, too. */
export async function lastingFindings(find: () => readonly string[]): Promise<readonly string[]> {
  const end = performance.now() + RECOVERY;
  let findings = find();
  while (findings.length > 0 && performance.now() < end) {
    await delay(25);
    findings = find();
  }
  return findings;
}
