/** How soon a notice is looked at again whose sender has its hands full. */
export const BUSY_RECHECK_MS = 5_000;

/** Notices whose attempts this process has in hand. */
export class InHand {
  /** Held, claimed, under way or being written down: when each of them was planned last. */
  readonly #planned_ms = new Map<string, number>();
  /** Those of which an attempt is claimed here, or about to be, and what came of it is not written down. */
  readonly #claimed = new Set<string>();

  planned(notice: string, now_ms: number): void {
    this.#planned_ms.set(notice, now_ms);
  }

  claimed(notice: string): void {
    this.#claimed.add(notice);
  }

  /** Nothing of it is planned any more. What is claimed stays so. */
  letGo(notice: string): void {
    this.#planned_ms.delete(notice);
  }

  /** Nothing is left to be done for it. */
  done(notice: string): void {
    this.#planned_ms.delete(notice);
    this.#claimed.delete(notice);
  }

  hasClaimed(notice: string): boolean {
    return this.#claimed.has(notice);
  }

  /** When it need be looked at again; null where that is now, or it is not in hand. */
  lookAgainAt(notice: string, now_ms: number): number | null {
    const planned_ms = this.#planned_ms.get(notice);
    if (planned_ms === undefined) return null;
    const again_ms = planned_ms + BUSY_RECHECK_MS;
    if (again_ms > now_ms) return again_ms;
    this.#planned_ms.delete(notice);
    return null;
  }
}
