import type { ClaimingStep } from '../model/claims.ts';
import type { PlannedAttempt } from '../model/steps.ts';

/**
 * How many times what is being sent may be claimed of an idempotent sender: enough to keep it busy. A crash among them costs each
 * an attempt, and a repetition that the receiver ignores.
 */
const AHEAD = 4;

/**
 * The attempts of one sender: those under way, those claimed, and those that are due but not claimed yet. Where a repeated
 * message would be shown twice, no more is claimed than is being sent or written down: whatever is claimed and has no outcome
 * on disk when this process dies, nobody can tell whether it went out.
 */
export class Line {
  readonly #claimed: PlannedAttempt[] = [];
  readonly #held = new Map<string, ClaimingStep>();
  #running = 0;
  /** Claims that are being written. */
  #reserved = 0;
  /** Notices whose attempt is over and whose outcome is being written. */
  readonly #recording = new Set<string>();
  /** Somebody is claiming what is held. */
  isClaiming = false;

  /** How many attempts may run at once, and how many may be claimed. */
  #limits({ sender }: PlannedAttempt): { width: number; window: number } {
    // Where attempts take turns, one that was claimed ahead would go out long after its turn, together with many others.
    const isAhead = sender.idempotent && sender.rate === null;
    return { width: sender.concurrency, window: isAhead ? AHEAD * sender.concurrency : sender.concurrency };
  }

  hasRoom(attempt: PlannedAttempt): boolean {
    // Whoever dies before an outcome is on disk leaves this attempt in doubt as well.
    const inDoubt = attempt.sender.idempotent ? 0 : this.#recording.size;
    return this.#running + this.#claimed.length + this.#reserved + inDoubt < this.#limits(attempt).window;
  }

  /** Claims go to the disk together: while enough are ready, more wait until there is room for a good many. */
  hasRoomForMany(attempt: PlannedAttempt): boolean {
    const { width, window } = this.#limits(attempt);
    return this.hasRoom(attempt) && (window === width || this.#claimed.length + this.#reserved <= width);
  }

  reserve(): void {
    this.#reserved++;
  }

  /** The claim was written by somebody else, or could not be written. */
  release(): void {
    this.#reserved--;
  }

  /** What was reserved is claimed now. */
  add(attempt: PlannedAttempt): void {
    this.#reserved--;
    this.#claimed.push(attempt);
  }

  /** The next attempt that may begin. */
  next(): PlannedAttempt | null {
    const [first] = this.#claimed;
    if (!first || this.#running >= this.#limits(first).width) return null;
    this.#running++;
    return this.#claimed.shift() ?? null;
  }

  ended({ notice }: PlannedAttempt): void {
    this.#running--;
    this.#recording.add(notice.name);
  }

  /** What came of it is on disk. */
  recorded({ notice }: PlannedAttempt): void {
    this.#recording.delete(notice.name);
  }

  /** Outcomes cannot be written for now: what is due does not wait for them. */
  recordsNothing(): void {
    this.#recording.clear();
  }

  hold(step: ClaimingStep): void {
    this.#held.set(step.attempt.notice.name, step);
  }

  holds(notice: string): boolean {
    return this.#held.has(notice);
  }

  firstHeld(): ClaimingStep | null {
    const [first] = this.#held.values();
    return first ?? null;
  }

  letGo(notice: string): void {
    this.#held.delete(notice);
  }

  /** Returns the notices that were held. */
  letAllGo(): string[] {
    const notices = [...this.#held.keys()];
    this.#held.clear();
    return notices;
  }

  /** Something is under way that will come to an end by itself. */
  get isBusy(): boolean {
    return this.#running > 0 || this.#claimed.length > 0 || this.#held.size > 0 || this.isClaiming;
  }
}
