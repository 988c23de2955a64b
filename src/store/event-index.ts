import { ClosedDays } from './closed-days.ts';
import { mayChangeUnseen } from './coarse-time.ts';
import { listDays } from './days.ts';
import { eventsOf, type ListedEvents, listAllDays } from './history.ts';
import type { Layout } from './layout.ts';
import { SealedEvents } from './sealed-events.ts';

const HASH_LENGTH = 12;

/**
 * Finds events by the hash of their source and id, on whatever day they lie. Remembers in little memory what it has
 * listed, and lists a day again only if it has changed: for a process that asks again and again.
 */
export class EventIndex {
  readonly #layout: Layout;
  /** When each day's folder changed. */
  readonly #days = new Map<string, number>();
  /** Hashes as numbers (48 bits fit): a hundred thousand of them in a few megabytes. */
  readonly #known = new Set<number>();
  readonly #closed: ClosedDays;
  readonly #sealed: SealedEvents;

  constructor(layout: Layout) {
    this.#layout = layout;
    this.#closed = new ClosedDays(layout);
    this.#sealed = new SealedEvents(layout);
  }

  /** Takes in what came to disk since the last time. */
  refresh(listed: ListedEvents = new Map()): void {
    const sealed = this.#closed.sealedThrough();
    for (const day of listDays(this.#layout)) if (day > sealed) this.#refresh(day, listed);
  }

  /** Names of events with these hashes, the first by name where several share one; `as known`: as of the last refresh. */
  find(hashes: ReadonlySet<string>, freshness: 'now' | 'as known' = 'now'): Map<string, string> {
    if (hashes.size === 0) return new Map();
    if (freshness === 'now') this.refresh();
    const sealed = this.#closed.sealedThrough();
    const recent = new Set([...hashes].filter((hash) => this.#known.has(Number.parseInt(hash, 16))));
    const old = this.#sealed.among(hashes, sealed);
    return this.#names(recent, old, sealed);
  }

  #refresh(day: string, listed: ListedEvents): void {
    const { changed_ms, names } = eventsOf(this.#layout, day, listed);
    if (this.#days.get(day) === changed_ms) return;
    for (const name of names()) this.#known.add(Number.parseInt(name.slice(-HASH_LENGTH), 16));
    if (mayChangeUnseen(changed_ms)) this.#days.delete(day);
    else this.#days.set(day, changed_ms);
  }

  /** Days are only listed where something that is wanted lies. */
  #names(recent: ReadonlySet<string>, old: ReadonlySet<string>, sealed: string): Map<string, string> {
    const found = new Map<string, string>();
    const days = old.size > 0 ? listAllDays(this.#layout) : recent.size > 0 ? listDays(this.#layout) : [];
    for (const day of days) {
      const wanted = day <= sealed ? old : recent;
      if (wanted.size === 0) continue;
      for (const name of eventsOf(this.#layout, day, new Map()).names()) {
        const hash = name.slice(-HASH_LENGTH);
        const other = found.get(hash);
        if (!wanted.has(hash) || (other !== undefined && other < name)) continue;
        if (day > sealed || !this.#isLeftBehind(day, name)) found.set(hash, name);
      }
    }
    return found;
  }

  /** Whoever wrote to a day while it was sealed, and died before it took that away again, has told nobody; no pass will ever look at it. */
  #isLeftBehind(day: string, name: string): boolean {
    return this.#closed.names(day, `events/${day}/${name}.json`) === false;
  }
}
