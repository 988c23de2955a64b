import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

const QUIET_MS = 2_000;

/**
 * A young generation that has grown to its 32 MB is never given back, so that it is kept from growing. To be called
 * before anything large is loaded.
 */
export function stayYoung(): void {
  setFlagsFromString('--semi-space-growth-factor=1');
  setFlagsFromString('--min-semi-space-size=2');
}

/**
 * Gives back memory after some work. V8 collects when room runs out, and a process that sleeps most of the time holds
 * for hours what it needed for a moment: 107 MB resident after 400 events, 75 MB with this and `stayYoung`.
 */
export class Memory {
  #collect: (() => void) | undefined;
  #timer: NodeJS.Timeout | undefined;

  /** Collects once nothing has been done for a while; it takes some 15 ms. */
  worked(): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#giveBack(), QUIET_MS).unref();
  }

  #giveBack(): void {
    if (!this.#collect) {
      setFlagsFromString('--expose-gc');
      this.#collect = runInNewContext('globalThis.gc') as () => void;
    }
    this.#collect();
    // Pages that the first one has emptied go back with the second.
    this.#collect();
  }
}
