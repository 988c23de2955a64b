import { mkdtempSync, realpathSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { FAKETIME } from '../owners/steady-clock.ts';

export const HOUR_S = 3_600;
export const DAY_S = 86_400;

/**
 * A wall clock that may be set while processes run (libfaketime, faketime(1)). The steady clock goes on as it did, and so do the times of
 * files: they are the kernel's. That is what a state on a file server sees of a machine whose clock is wrong.
 */
export class FakedClock {
  readonly #folder = realpathSync(mkdtempSync(join(tmpdir(), 'rgov-clock-')));
  readonly #file = join(this.#folder, 'offset');
  #offset_s = 0;

  constructor(offset_s = 0) {
    this.set(offset_s);
  }

  /** The environment of a process that goes by this clock. */
  get env(): Record<string, string> {
    return {
      PATH: process.env['PATH'] ?? '',
      NO_COLOR: '1',
      LD_PRELOAD: FAKETIME ?? '',
      FAKETIME_TIMESTAMP_FILE: this.#file,
      FAKETIME_NO_CACHE: '1',
      FAKETIME_DONT_FAKE_MONOTONIC: '1',
      NO_FAKE_STAT: '1',
    };
  }

  get now_ms(): number {
    return Date.now() + this.#offset_s * 1_000;
  }

  /** So many seconds ahead of the true clock; at once, for every process that goes by it. */
  set(offset_s: number): void {
    this.#offset_s = offset_s;
    writeFileSync(`${this.#file}.next`, offset_s < 0 ? `${offset_s}\n` : `+${offset_s}\n`);
    renameSync(`${this.#file}.next`, this.#file);
  }

  /** At this moment now. */
  setTo(time: string): void {
    this.set((Date.parse(time) - Date.now()) / 1_000);
  }

  remove(): void {
    rmSync(this.#folder, { recursive: true, force: true });
  }
}
