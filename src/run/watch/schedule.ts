/**
 * Why a pass is made. `state`: the state folder or the drop folder was replaced. `due`: the plan named this time.
 * `hangup`: SIGHUP. `source`: a source had something to say.
 */
export type WakeReason = 'start' | 'bell' | 'inbox' | 'state' | 'documents' | 'due' | 'rescan' | 'hangup' | 'source';

/** Both clocks at one moment: the wall's may jump by days, the steady one never does, but stands still in a suspended machine. */
export interface Moment {
  wall_ms: number;
  steady_ms: number;
}

type Next = { reasons: WakeReason[] } | { sleep_ms: number };

/** The longest that setTimeout takes; more than that fires at once. */
const LONGEST_SLEEP_MS = 2 ** 31 - 1;
/** Between passes that achieve nothing although the plan says that something is due, and after one that failed. */
const PAUSE_MS = 1_000;
/** So many fruitless passes in a row are the usual echo of one's own work and of other processes at theirs. */
const ECHOES = 3;
const FIRST_BACKOFF_MS = 10;

/** Decides when the next pass is made. Knows no timer and reads no clock. */
export class Schedule {
  #rescan_ms: number;
  readonly #pending = new Set<WakeReason>();
  #rescanAt_steady_ms: number;
  #nextDue_wall_ms: number | null = null;
  #nextPing_wall_ms: number | null = null;
  #nextAsk_wall_ms: number | null = null;
  /** Not before this, whatever the wall clock says is due. */
  #dueNotBefore_steady_ms = 0;
  /** Not before this, whoever rings. */
  #ringNotBefore_steady_ms = 0;
  #fruitless = 0;
  #finished_steady_ms = Number.NEGATIVE_INFINITY;
  #onlyDue = false;

  constructor(rescan_ms: number, now: Moment) {
    this.#rescan_ms = rescan_ms;
    this.#rescanAt_steady_ms = now.steady_ms + rescan_ms;
    this.#pending.add('start');
  }

  /** Other documents may ask for a pass more often, or less. */
  rescanEvery(rescan_ms: number, { steady_ms }: Moment): void {
    this.#rescan_ms = rescan_ms;
    this.#rescanAt_steady_ms = Math.min(this.#rescanAt_steady_ms, steady_ms + rescan_ms);
  }

  /** Any number of wake-ups until the next pass make one. */
  wake(reason: WakeReason): void {
    this.#pending.add(reason);
  }

  /** The pass to make now, with its reasons, or how long to sleep if nobody wakes us. */
  next(now: Moment): Next {
    const { steady_ms } = now;
    if (steady_ms >= this.#rescanAt_steady_ms) {
      this.#pending.add('rescan');
      this.#rescanAt_steady_ms = steady_ms + this.#rescan_ms;
    }
    if (this.#dueIn(now) === 0) {
      this.#pending.add('due');
      this.#nextPing_wall_ms = null;
      this.#nextAsk_wall_ms = null;
    }
    const mayRing = steady_ms >= this.#ringNotBefore_steady_ms;
    if (this.#pending.size > 0 && (mayRing || [...this.#pending].some(isPressing))) {
      const reasons = [...this.#pending];
      this.#pending.clear();
      this.#onlyDue = reasons.every((reason) => reason === 'due');
      return { reasons };
    }
    const waits = [this.#rescanAt_steady_ms - steady_ms, this.#dueIn(now)];
    if (this.#pending.size > 0) waits.push(this.#ringNotBefore_steady_ms - steady_ms);
    return { sleep_ms: Math.min(LONGEST_SLEEP_MS, Math.max(1, Math.ceil(Math.min(...waits)))) };
  }

  /** A pass is over. `fruitful`: it changed anything on disk; `nextDue_ms`: when the next step is due by the wall clock. */
  passed({ fruitful, nextDue_ms }: { fruitful: boolean; nextDue_ms: number | null }, now: Moment): void {
    this.#nextDue_wall_ms = nextDue_ms;
    const overdueAgain = nextDue_ms !== null && nextDue_ms <= now.wall_ms;
    // Exact, unless the plan asks again and again for a pass that then finds nothing to do.
    this.#dueNotBefore_steady_ms = !fruitful && (overdueAgain || this.#onlyDue) ? now.steady_ms + PAUSE_MS : 0;
    const inRow = now.steady_ms - this.#finished_steady_ms < 2 * PAUSE_MS;
    this.#fruitless = fruitful ? 0 : inRow ? this.#fruitless + 1 : 1;
    this.#finished_steady_ms = now.steady_ms;
    const backoff_ms = this.#fruitless < ECHOES ? 0 : Math.min(PAUSE_MS, FIRST_BACKOFF_MS * 2 ** (this.#fruitless - ECHOES));
    this.#ringNotBefore_steady_ms = now.steady_ms + backoff_ms;
  }

  /** A pass is wanted at this time by the wall clock, if only to be told outside. Once; null takes it back. */
  ping(nextPing_ms: number | null): void {
    this.#nextPing_wall_ms = nextPing_ms;
  }

  /** Sources are to be asked at this time by the wall clock. Once; null takes it back. */
  ask(nextAsk_ms: number | null): void {
    this.#nextAsk_wall_ms = nextAsk_ms;
  }

  /** A pass broke off: the next wake-up or rescan tries again, but no storm of them. */
  failed(now: Moment): void {
    this.#nextDue_wall_ms = null;
    this.#finished_steady_ms = now.steady_ms;
    this.#ringNotBefore_steady_ms = now.steady_ms + PAUSE_MS;
  }

  #dueIn({ wall_ms, steady_ms }: Moment): number {
    const times = [this.#nextDue_wall_ms, this.#nextPing_wall_ms, this.#nextAsk_wall_ms];
    const next_ms = Math.min(...times.map((time) => time ?? Number.POSITIVE_INFINITY));
    return Math.max(0, next_ms - wall_ms, this.#dueNotBefore_steady_ms - steady_ms);
  }
}

/** Rare by themselves, so that no storm of them is to be feared. */
function isPressing(reason: WakeReason): boolean {
  return reason !== 'bell' && reason !== 'inbox' && reason !== 'state';
}
