import type { Process } from './process.ts';

/** Something that waits for its turn; `process` null: it happens whatever becomes of anybody. */
export interface Pending {
  process: Process | null;
  at_ms: number;
  label: string;
  run: () => void;
}

/** The clock that only goes forward, and everything that is still to happen. */
export class Timeline {
  /** Milliseconds since the beginning. */
  now_ms = 0;
  #pending: Pending[] = [];

  /** At that time or later, whenever its turn comes. */
  at(process: Process | null, after_ms: number, label: string, run: () => void): Pending {
    const item = { process, at_ms: this.now_ms + after_ms, label, run };
    this.#pending.push(item);
    return item;
  }

  /** A timer as `setTimeout` and `setInterval` give it. */
  timer(process: Process, run: () => void, delay_ms: number, repeat: boolean): object {
    const timer = { unref: () => timer, ref: () => timer, item: undefined as Pending | undefined };
    if (process.state !== 'runs') return timer;
    const set = (): void => {
      timer.item = this.at(process, Math.max(1, delay_ms), 'timer', () => {
        timer.item = undefined;
        if (repeat) set();
        run();
      });
    };
    set();
    return timer;
  }

  cancel(timer: unknown): void {
    const item = (timer as { item?: Pending } | undefined)?.item;
    if (item) this.#pending = this.#pending.filter((other) => other !== item);
  }

  /** Nothing of this process happens any more. */
  forget(process: Process): void {
    this.#pending = this.#pending.filter((item) => item.process !== process);
  }

  /** What may happen now, to processes that are free to go on. */
  ready(isFree: (process: Process) => boolean): Pending[] {
    return this.#pending.filter((item) => dueAt(item) <= this.now_ms && (item.process === null || isFree(item.process)));
  }

  take(item: Pending): void {
    this.#pending.splice(this.#pending.indexOf(item), 1);
  }

  /** Waits until something may happen. False if nothing ever will. */
  wait(): boolean {
    const next_ms = this.#pending.reduce((least, item) => Math.min(least, dueAt(item)), Number.POSITIVE_INFINITY);
    if (next_ms === Number.POSITIVE_INFINITY) return false;
    this.now_ms = Math.max(this.now_ms, next_ms);
    return true;
  }
}

const dueAt = ({ at_ms, process }: Pending): number => (process === null ? at_ms : Math.max(at_ms, process.stoppedUntil_ms));
