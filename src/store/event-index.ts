import { mayChangeUnseen } from './coarse-time.ts';
import type { Layout } from './layout.ts';
import { eventsOf, type ListedEvents, listDays } from './survey.ts';

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

  constructor(layout: Layout) {
    this.#layout = layout;
  }

  /** Takes in what came to disk since the last time. */
  refresh(listed: ListedEvents = new Map()): void {
    for (const day of listDays(this.#layout)) this.#refresh(day, listed);
  }

  /** Names of events with these hashes, the first by name where several share one; `as known`: as of the last refresh. */
  find(hashes: ReadonlySet<string>, freshness: 'now' | 'as known' = 'now'): Map<string, string> {
    if (hashes.size === 0) return new Map();
    if (freshness === 'now') this.refresh();
    const wanted = new Set([...hashes].filter((hash) => this.#known.has(Number.parseInt(hash, 16))));
    return wanted.size === 0 ? new Map() : this.#names(wanted);
  }

  #refresh(day: string, listed: ListedEvents): void {
    const { changed_ms, names } = eventsOf(this.#layout, day, listed);
    if (this.#days.get(day) === changed_ms) return;
    for (const name of names()) this.#known.add(Number.parseInt(name.slice(-HASH_LENGTH), 16));
    if (mayChangeUnseen(changed_ms)) this.#days.delete(day);
    else this.#days.set(day, changed_ms);
  }

  #names(wanted: ReadonlySet<string>): Map<string, string> {
    const found = new Map<string, string>();
    for (const day of listDays(this.#layout)) {
      for (const name of eventsOf(this.#layout, day, new Map()).names()) {
        const hash = name.slice(-HASH_LENGTH);
        const other = found.get(hash);
        if (wanted.has(hash) && (other === undefined || name < other)) found.set(hash, name);
      }
    }
    return found;
  }
}
