import type { Notification } from '@hostler/kernel';

/** Notifications, and bytes of them, that are kept while nobody is there to take them. */
const MAX_KEPT = 64;
const MAX_BYTES = 256 * 1024;
const PROGRESS = 'notifications/progress';

interface Kept {
  readonly notification: Notification;
  readonly bytes: number;
}

/** What a server says while its client is away: the newest of it, and of progress only how far it is. */
export class KeptNotifications {
  #kept: readonly Kept[] = [];

  add(notification: Notification): void {
    const bytes = Buffer.byteLength(JSON.stringify(notification));
    if (bytes > MAX_BYTES) return;
    const others = notification.method === PROGRESS ? this.#kept.filter((kept) => !isProgress(kept)) : this.#kept;
    let kept = [...others, { notification, bytes }].slice(-MAX_KEPT);
    while (total(kept) > MAX_BYTES) kept = kept.slice(1);
    this.#kept = kept;
  }

  /** In the order in which they came. */
  take(): readonly Notification[] {
    const kept = this.#kept;
    this.#kept = [];
    return kept.map(({ notification }) => notification);
  }
}

function isProgress({ notification }: Kept): boolean {
  return notification.method === PROGRESS;
}

function total(kept: readonly Kept[]): number {
  return kept.reduce((sum, { bytes }) => sum + bytes, 0);
}
