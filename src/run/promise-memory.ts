import type { UnprovedNotice } from '../model/snapshot.ts';
import type { Waiting } from '../model/steps.ts';
import { promisesOf } from '../plan/promises/index.ts';
import type { Survey } from '../store/survey.ts';

type Unproved = Survey['unproved'][number];

/** More than this is forgotten as a whole: it only saves reading. */
const MAX_REMEMBERED = 50_000;

/** Of most notices without proof it is known when something will have to be said of them next: they need not be read again until then. */
export class PromiseMemory {
  /** By name: the receipt that was read (null: none), and the next time; null if nothing is left to be said. */
  readonly #known = new Map<string, { receipt: string | null; next_ms: number | null }>();

  /** Which of them have to be read, and what the others wait for. */
  sort(unproved: readonly Unproved[], now_ms: number): { toRead: Unproved[]; waiting: Waiting[] } {
    const waiting: Waiting[] = [];
    const toRead = unproved.filter(({ name, receipt }) => {
      const known = this.#known.get(name);
      if (known?.receipt !== receipt || (known.next_ms !== null && known.next_ms <= now_ms)) return true;
      if (known.next_ms !== null) waiting.push({ notice: name, because: 'proof_awaited', until_ms: known.next_ms });
      return false;
    });
    return { toRead, waiting };
  }

  /** Keeps in mind those of which everything is said that is due; the others are read again. */
  remember(unproved: readonly UnprovedNotice[], now_ms: number): void {
    if (this.#known.size > MAX_REMEMBERED) this.#known.clear();
    for (const item of unproved) {
      const promises = promisesOf(item);
      const { name } = item.notice;
      const path = item.receipt?.link.path;
      const receipt = path === undefined ? null : path.slice(path.lastIndexOf('/') + 1);
      if (promises.some((promise) => promise.at_ms <= now_ms && !item.said.has(promise.name))) this.#known.delete(name);
      else this.#known.set(name, { receipt, next_ms: promises.find((promise) => promise.at_ms > now_ms)?.at_ms ?? null });
    }
  }
}
