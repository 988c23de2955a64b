import type { Event, Stored } from '../model/artifacts.ts';
import { RgovError } from '../model/errors.ts';
import { fileName } from '../model/names.ts';
import { ClosedDays } from './closed-days.ts';
import { mayChangeUnseen } from './coarse-time.ts';
import { eventsOf, type ListedEvents, listAllDays } from './history.ts';
import type { Layout } from './layout.ts';
import { readArtifact } from './read.ts';

/** Days in which reports still come in are remembered file by file, others by when their folder changed. */
const HOT_DAYS_MS = 3 * 86_400_000;
const HASH_LENGTH = 12;

/** Which events of a day have been read. */
interface HeardDay {
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
export function readNewEvents(
  layout: Layout,
  days: HeardDays,
  now_ms: number,
  everything: boolean,
  listed: ListedEvents,
): { events: Stored<Event>[]; days: HeardDays } {
  const next: HeardDays = {};
  const events: Stored<Event>[] = [];
  let again = everything;
  const sealed = new ClosedDays(layout).sealedThrough();
  for (const day of listAllDays(layout)) {
    const known = days[day];
    // To a sealed day nothing is added, also where its folder changes because it is packed away.
    if (!everything && day <= sealed && known?.seen === null) {
      next[day] = known;
      continue;
    }
    const { changed_ms, names: listNames } = eventsOf(layout, day, listed);
    if (!again && known && known.changed_ms === changed_ms) {
      next[day] = known;
      continue;
    }
    if (known && known.seen === null) again = true;
    const before = new Set(again ? [] : hashesIn(known?.seen ?? ''));
    const names = listNames();
    const seen: string[] = [];
    for (const name of names) {
      const hash = name.slice(-HASH_LENGTH);
      const read = before.has(hash) ? null : readEvent(layout, name);
      if (read === 'unreadable') continue;
      seen.push(hash);
      if (read !== null) events.push(read);
    }
    const isWhole = seen.length === names.length;
    const isHot = Date.parse(`${day}T00:00:00.000Z`) > now_ms - HOT_DAYS_MS;
    next[day] = {
      changed_ms: !isWhole || mayChangeUnseen(changed_ms) ? 0 : changed_ms,
      seen: isHot || !isWhole ? seen.join('') : null,
    };
  }
  return { events, days: cooled(next, now_ms) };
}

/** Null for what is no event: whoever decides it moves it aside. What this user may not read now is tried again. */
function readEvent(layout: Layout, name: string): Stored<Event> | null | 'unreadable' {
  try {
    const read = readArtifact(layout, 'event', 'events', name, fileName.event(name));
    return read.kind === 'ok' ? read.stored : null;
  } catch (error) {
    if (error instanceof RgovError) return 'unreadable';
    throw error;
  }
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
