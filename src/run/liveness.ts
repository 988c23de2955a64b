import { join } from 'node:path';
import type { Owner } from '../model/artifacts.ts';
import type { Liveness } from '../model/snapshot.ts';
import { readCacheFile, writeCacheFile } from '../store/cache-file.ts';
import type { Layout } from '../store/layout.ts';
import { livenessOf, thisOwner } from './host.ts';

interface Sighting {
  /** What its heartbeat said; empty where there is none. */
  beat: string;
  /** Since when it says so, on this machine's clock that only goes forward, in milliseconds since its start. */
  since_ms: number;
}

/**
 * Whether owners of claims can still be at work. One whose process this machine cannot see is dead when its heartbeat has
 * not changed for its lease, measured on our own monotonic clock; the two wall clocks are never compared. What was seen is
 * remembered between processes of one boot.
 */
export class Observer {
  readonly #layout: Layout;
  readonly #file: string;
  readonly #boot: string;
  readonly #steady_ms: () => number;
  #sightings: Map<string, Sighting> | undefined;
  #isNews = false;

  constructor(layout: Layout, steady_ms = () => Number(process.hrtime.bigint() / 1_000_000n), boot = thisOwner().boot) {
    this.#layout = layout;
    this.#file = join(layout.cache, 'owners.json');
    this.#steady_ms = steady_ms;
    this.#boot = boot;
  }

  livenessOf(owner: Owner, lease_ms: number): Liveness {
    const seen = livenessOf(owner);
    return seen === 'unknown' ? this.#byHeartbeat(owner.nonce, lease_ms) : seen;
  }

  /** Leaves what was seen to the next process. */
  remember(): void {
    if (!this.#isNews || !this.#sightings) return;
    writeCacheFile(this.#file, JSON.stringify({ boot: this.#boot, sightings: [...this.#sightings] }));
    this.#isNews = false;
  }

  #byHeartbeat(nonce: string, lease_ms: number): Liveness {
    this.#sightings ??= this.#recall();
    const now_ms = this.#steady_ms();
    const beat = this.#beatOf(nonce);
    const known = this.#sightings.get(nonce);
    if (known?.beat === beat) return now_ms - known.since_ms >= lease_ms ? 'dead' : 'unknown';
    this.#sightings.set(nonce, { beat, since_ms: now_ms });
    this.#isNews = true;
    return 'unknown';
  }

  #beatOf(nonce: string): string {
    try {
      return readCacheFile(join(this.#layout.owners, nonce)).slice(0, 100);
    } catch {
      return '';
    }
  }

  #recall(): Map<string, Sighting> {
    try {
      const { boot, sightings } = JSON.parse(readCacheFile(this.#file)) as { boot: unknown; sightings: [string, Sighting][] };
      // Another boot, another clock.
      if (boot !== this.#boot) return new Map();
      return new Map(
        sightings.filter(([nonce, { beat, since_ms }]) => typeof nonce === 'string' && typeof beat === 'string' && Number.isFinite(since_ms)),
      );
    } catch {
      return new Map();
    }
  }
}
