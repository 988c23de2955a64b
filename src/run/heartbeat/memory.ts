// Asked at every start where a heartbeat is declared: this file loads nothing that an idle pass does not load anyway.
import { join } from 'node:path';
import type { Catalog, Heartbeat } from '../../model/catalog.ts';
import { readCacheFile, writeCacheFile } from '../../store/cache-file.ts';
import type { Layout } from '../../store/layout.ts';

/** What `.cache/heartbeat.json` remembers of the last ping. A hint: if it is lost, a ping is due. */
export interface LastPing {
  /** When the pass of that ping began. */
  at_ms: number;
  /** What it said of the pass. */
  healthy: boolean;
  /** Whether anybody heard it. */
  arrived: boolean;
  /** Digest of the catalog that it was sent by: an edited binding may name another receiver, who has heard nothing yet. */
  catalog: string;
}

/** After this, a ping that nobody heard is sent again, however rarely pings are wanted. */
const RETRY_MS = 60_000;
/** Cron starts a process now a little earlier in its minute, now a little later; `every: 1m` must not become every second minute by that. */
const JITTER_SHARE = 0.05;
const MAX_JITTER_MS = 3_000;

const FORMAT = 1;

const fileOf = (layout: Layout): string => join(layout.cache, 'heartbeat.json');

export function readLastPing(layout: Layout): LastPing | null {
  try {
    const { format, at_ms, healthy, arrived, catalog } = JSON.parse(readCacheFile(fileOf(layout))) as Record<string, unknown>;
    if (format !== FORMAT || typeof at_ms !== 'number' || !Number.isFinite(at_ms)) return null;
    if (typeof healthy !== 'boolean' || typeof arrived !== 'boolean' || typeof catalog !== 'string') return null;
    return { at_ms, healthy, arrived, catalog };
  } catch {
    return null;
  }
}

export function rememberPing(layout: Layout, ping: LastPing): void {
  writeCacheFile(fileOf(layout), `${JSON.stringify({ format: FORMAT, ...ping })}\n`);
}

/** When the next ping is to be sent; `now_ms` where one is due already. */
export function nextPing_ms(heartbeat: Heartbeat, last: LastPing | null, catalogDigest: string, now_ms: number): number {
  // A clock that jumped back must not keep us silent until it has caught up.
  if (last === null || last.catalog !== catalogDigest || last.at_ms > now_ms) return now_ms;
  return Math.max(now_ms, last.at_ms + waitAfter(heartbeat, last));
}

export function pingIsDue(heartbeat: Heartbeat, last: LastPing | null, catalogDigest: string, now_ms: number): boolean {
  return soonestPing_ms(heartbeat, last, catalogDigest, now_ms) <= now_ms;
}

/** From when on a pass sends the next ping with it, rather than leave it to a pass that may come too late. */
export function soonestPing_ms(heartbeat: Heartbeat, last: LastPing | null, catalogDigest: string, now_ms: number): number {
  if (last === null) return now_ms;
  const jitter_ms = Math.min(MAX_JITTER_MS, waitAfter(heartbeat, last) * JITTER_SHARE);
  return nextPing_ms(heartbeat, last, catalogDigest, now_ms) - jitter_ms;
}

/** Whether a pass that begins now has to be told outside; false at once where nobody listens. */
export function heartbeatIsDue({ heartbeat, digest }: Catalog, layout: Layout, now_ms: number): boolean {
  return heartbeat ? pingIsDue(heartbeat, readLastPing(layout), digest, now_ms) : false;
}

const waitAfter = ({ every_ms }: Heartbeat, { arrived }: LastPing): number => (arrived ? every_ms : Math.min(every_ms, RETRY_MS));
