// Asked at every start where sources are declared: this file loads nothing that an idle pass does not load anyway.
import { join } from 'node:path';
import type { Catalog, ResolvedSource } from '../../model/catalog.ts';
import { readCacheFile, writeCacheFile } from '../../store/cache-file.ts';
import type { Layout } from '../../store/layout.ts';

/** What is remembered of a source. A hint: if it is lost, the source is asked at once, and its failures are counted anew. */
export interface SourceMemory {
  /** When it was asked last, in milliseconds. */
  asked_ms: number;
  /** How often in a row it has failed. */
  failures: number;
  /** When the first of these failures was; null where it works. */
  failingSince_ms: number | null;
  /** Why it failed last; empty where it works. */
  why: string;
}

const FORMAT = 1;
/** Cron starts a process now a little earlier in its minute, now a little later; `every: 1m` must not become every second minute by that. */
const JITTER_SHARE = 0.05;
const MAX_JITTER_MS = 3_000;

const fileOf = (layout: Layout): string => join(layout.cache, 'sources.json');

/** By name; without those of which nothing that makes sense is remembered. */
export function readSourceMemory(layout: Layout): Map<string, SourceMemory> {
  try {
    const { format, sources } = JSON.parse(readCacheFile(fileOf(layout))) as { format: unknown; sources: Record<string, SourceMemory> };
    return format === FORMAT ? new Map(Object.entries(sources).filter(([, memory]) => isMemory(memory))) : new Map();
  } catch {
    return new Map();
  }
}

export function writeSourceMemory(layout: Layout, sources: ReadonlyMap<string, SourceMemory>): void {
  writeCacheFile(fileOf(layout), `${JSON.stringify({ format: FORMAT, sources: Object.fromEntries(sources) })}\n`);
}

/** When the source is to be asked next; `now_ms` where that is due. */
export function nextAsk_ms({ every_ms }: ResolvedSource, memory: SourceMemory | undefined, now_ms: number): number {
  // A clock that jumped back must not keep us deaf until it has caught up.
  if (memory === undefined || memory.asked_ms > now_ms) return now_ms;
  return Math.max(now_ms, memory.asked_ms + every_ms - Math.min(MAX_JITTER_MS, every_ms * JITTER_SHARE));
}

/** When the first of all sources is to be asked; null where none is declared. */
export function nextAskOfAll_ms({ sources }: Pick<Catalog, 'sources'>, layout: Layout, now_ms: number): number | null {
  if (sources.length === 0) return null;
  const memory = readSourceMemory(layout);
  return Math.min(...sources.map((source) => nextAsk_ms(source, memory.get(source.name), now_ms)));
}

function isMemory(value: unknown): value is SourceMemory {
  if (typeof value !== 'object' || value === null) return false;
  const { asked_ms, failures, failingSince_ms, why } = value as Record<string, unknown>;
  return (
    isMoment(asked_ms) &&
    Number.isSafeInteger(failures) &&
    (failures as number) >= 0 &&
    (failingSince_ms === null ? failures === 0 : isMoment(failingSince_ms) && failingSince_ms <= asked_ms) &&
    typeof why === 'string'
  );
}

/** The last millisecond of the year 9999; events cannot tell later ones. */
const LAST_MOMENT_MS = 253_402_300_799_999;

const isMoment = (value: unknown): value is number => typeof value === 'number' && value >= 0 && value <= LAST_MOMENT_MS;
