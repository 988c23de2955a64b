import { lstatSync } from 'node:fs';
import type { Event, Stored } from '../model/artifacts.ts';
import { fileName, nameOfFile } from '../model/names.ts';
import type { Layout } from './layout.ts';
import { readArtifact } from './read.ts';
import { listDays, listFolder } from './survey.ts';

/** A folder may get another file within the same tick of a coarse clock; one that changed more recently is listed again. */
const COARSE_CLOCK_MS = 2_000;
/** Days in which reports still come in are remembered file by file, others by when their folder changed. */
const HOT_DAYS_MS = 3 * 86_400_000;
const HASH_LENGTH = 12;

/** Which events of a day have been read. */
export interface HeardDay {
  /** When the folder changed, in milliseconds with fractions; 0 if it may have changed again unseen. */
  changed_ms: number;
  /** Hashes of the events, one behind the other; null for a day that has grown cold. */
  seen: string | null;
}
export type HeardDays = Record<string, HeardDay>;

/**
 * Reads the events that were not read before, through whatever process they came to disk. A cold day that changed is
 * read again, with all days after it: whoever takes them in must bear being told twice. `everything` starts anew.
 */
export function readNewEvents(layout: Layout, days: HeardDays, now_ms: number, everything: boolean): { events: Stored<Event>[]; days: HeardDays } {
  const next: HeardDays = {};
  const events: Stored<Event>[] = [];
  let again = everything;
  for (const day of listDays(layout)) {
    const changed_ms = lstatSync(layout.day('events', day), { throwIfNoEntry: false })?.ctimeMs ?? 0;
    const known = days[day];
    if (!again && known && known.changed_ms === changed_ms) {
      next[day] = known;
      continue;
    }
    if (known && known.seen === null) again = true;
    const before = new Set(again ? [] : hashesIn(known?.seen ?? ''));
    const compactDay = day.replaceAll('-', '');
    const names = listFolder(layout.day('events', day)).flatMap((file) => nameOfFile('events', compactDay, file) ?? []);
    for (const name of names) {
      if (before.has(name.slice(-HASH_LENGTH))) continue;
      const read = readArtifact(layout, 'event', 'events', name, fileName.event(name));
      if (read.kind === 'ok') events.push(read.stored);
    }
    const isHot = Date.parse(`${day}T00:00:00.000Z`) > now_ms - HOT_DAYS_MS;
    next[day] = {
      changed_ms: Date.now() - changed_ms < COARSE_CLOCK_MS ? 0 : changed_ms,
      seen: isHot ? names.map((name) => name.slice(-HASH_LENGTH)).join('') : null,
    };
  }
  return { events, days: cooled(next, now_ms) };
}

function cooled(days: HeardDays, now_ms: number): HeardDays {
  for (const [day, heard] of Object.entries(days)) {
    if (heard.seen !== null && heard.changed_ms !== 0 && Date.parse(`${day}T00:00:00.000Z`) <= now_ms - HOT_DAYS_MS)
      days[day] = { ...heard, seen: null };
  }
  return days;
}

function* hashesIn(seen: string): Generator<string> {
  for (let at = 0; at < seen.length; at += HASH_LENGTH) yield seen.slice(at, at + HASH_LENGTH);
}
