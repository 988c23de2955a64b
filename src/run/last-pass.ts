import { parseStrict } from '../model/json.ts';
import { formatTime } from '../model/time.ts';
import { writeCacheFile } from '../store/cache-file.ts';
import { readRegular, realFileSystem } from '../store/files.ts';
import { type Layout, MAX_ARTIFACT_BYTES } from '../store/layout.ts';

/** What `.pass.json` remembers of the last complete pass. */
export interface PassRecord {
  startedAt: string;
  finishedAt: string;
  /** When the next step will be due if nothing more is heard; null if none will. */
  nextDue: string | null;
}

/** Says that a pass came to its end. A hint for those who watch the watchdog; it never fails the pass. */
export function recordPass(layout: Layout, started_ms: number, finished_ms: number, nextDue_ms: number | null): void {
  const record: PassRecord = {
    startedAt: new Date(started_ms).toISOString(),
    finishedAt: new Date(finished_ms).toISOString(),
    nextDue: nextDue_ms === null ? null : new Date(nextDue_ms).toISOString(),
  };
  writeCacheFile(layout.lastPass, `${JSON.stringify(record)}\n`);
}

/** A hint and no fact: whatever does not look like one is none. */
export function readLastPass(layout: Layout): PassRecord | null {
  try {
    const read = readRegular(realFileSystem, layout.lastPass, MAX_ARTIFACT_BYTES);
    const parsed = read.kind === 'bytes' ? parseStrict(read.bytes) : null;
    if (!parsed?.ok) return null;
    const { startedAt, finishedAt, nextDue } = parsed.value as Record<keyof PassRecord, unknown>;
    const [started, finished] = [asTime(startedAt), asTime(finishedAt)];
    return started === null || finished === null ? null : { startedAt: started, finishedAt: finished, nextDue: asTime(nextDue) };
  } catch {
    return null;
  }
}

function asTime(value: unknown): string | null {
  const ms = typeof value === 'string' ? Date.parse(value) : Number.NaN;
  return Number.isNaN(ms) ? null : formatTime(ms);
}
