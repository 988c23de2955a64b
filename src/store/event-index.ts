import { lstatSync } from 'node:fs';
import { nameOfFile } from '../model/names.ts';
import { mayChangeUnseen } from './coarse-time.ts';
import type { Layout } from './layout.ts';
import { listDays, listFolder } from './survey.ts';

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
  refresh(): void {
    for (const day of listDays(this.#layout)) this.#refresh(day);
  }

  /** Names of events with these hashes, the first by name where several share one; `as known`: as of the last refresh. */
  find(hashes: ReadonlySet<string>, freshness: 'now' | 'as known' = 'now'): Map<string, string> {
    if (hashes.size === 0) return new Map();
    if (freshness === 'now') this.refresh();
    const wanted = new Set([...hashes].filter((hash) => this.#known.has(Number.parseInt(hash, 16))));
    return wanted.size === 0 ? new Map() : this.#names(wanted);
  }

  #refresh(day: string): void {
    const changed_ms = lstatSync(this.#layout.day('events', day), { throwIfNoEntry: false })?.ctimeMs ?? 0;
    if (this.#days.get(day) === changed_ms) return;
    for (const name of this.#list(day)) this.#known.add(Number.parseInt(name.slice(-HASH_LENGTH), 16));
    if (mayChangeUnseen(changed_ms)) this.#days.delete(day);
    else this.#days.set(day, changed_ms);
  }

  #names(wanted: ReadonlySet<string>): Map<string, string> {
    const found = new Map<string, string>();
    for (const day of listDays(this.#layout)) {
      for (const name of this.#list(day)) {
        const hash = name.slice(-HASH_LENGTH);
        const other = found.get(hash);
        if (wanted.has(hash) && (other === undefined || name < other)) found.set(hash, name);
      }
    }
    return found;
  }

  #list(day: string): string[] {
    const compactDay = day.replaceAll('-', '');
    return listFolder(this.#layout.day('events', day)).flatMap((file) => nameOfFile('events', compactDay, file) ?? []);
  }
}
