import { dayOf } from '../model/names.ts';
import type { BadFile, RaisedNotice } from '../model/snapshot.ts';
import { formatTime } from '../model/time.ts';
import type { Layout } from '../store/layout.ts';
import { loadRaised } from '../store/load.ts';
import { addRaised, forgetRaisedBefore, readRaised } from '../store/raised-cache.ts';

type Range = Parameters<typeof loadRaised>[1];

/** Notices that deduplication looks back on, read once each: by a process that makes many passes, and by one that comes after another. */
export class RaisedMemory {
  /** By name; null for a notice that opens no window. */
  readonly #read = new Map<string, RaisedNotice | null>();
  /** Days of which what is remembered on disk is known. */
  readonly #recalled = new Set<string>();

  /** Those of a span of time that are on disk now. */
  load(layout: Layout, range: Range, bad: BadFile[]): RaisedNotice[] {
    const news = new Map<string, RaisedNotice | null>();
    const raised = loadRaised(layout, range, bad, {
      known: this.#read,
      recall: (day) => this.#recall(layout, day),
      learn: (name, notice) => news.set(name, notice),
    });
    if (news.size > 0) keep(layout, range, news);
    // What was not listed is gone, or too old to be asked for again soon.
    const there = new Set(raised.map(({ name }) => name));
    for (const [name, notice] of this.#read) if (notice !== null && !there.has(name)) this.#read.delete(name);
    return raised;
  }

  /** One that this process raises: it need not be read. */
  add(notice: RaisedNotice): void {
    this.#read.set(notice.name, notice);
  }

  #recall(layout: Layout, day: string): void {
    if (this.#recalled.has(day)) return;
    this.#recalled.add(day);
    for (const [name, notice] of readRaised(layout.cache, day)) if (!this.#read.has(name)) this.#read.set(name, notice);
  }
}

function keep({ cache }: Layout, range: Range, news: ReadonlyMap<string, RaisedNotice | null>): void {
  for (const day of new Set([...news.keys()].map(dayOf))) addRaised(cache, day, new Map([...news].filter(([name]) => dayOf(name) === day)));
  forgetRaisedBefore(cache, formatTime(range.from_ms).slice(0, 10));
}
