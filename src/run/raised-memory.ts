import type { BadFile, RaisedNotice } from '../model/snapshot.ts';
import type { Layout } from '../store/layout.ts';
import { loadRaised } from '../store/load.ts';

type Range = Parameters<typeof loadRaised>[1];

/** Notices that deduplication looks back on, read once each by a process that makes many passes. */
export class RaisedMemory {
  /** By name; null for a notice that opens no window. */
  readonly #read = new Map<string, RaisedNotice | null>();

  /** Those of a span of time that are on disk now. */
  load(layout: Layout, range: Range, bad: BadFile[]): RaisedNotice[] {
    const raised = loadRaised(layout, range, bad, this.#read);
    // What was not listed is gone, or too old to be asked for again soon.
    const there = new Set(raised.map(({ name }) => name));
    for (const [name, notice] of this.#read) if (notice !== null && !there.has(name)) this.#read.delete(name);
    return raised;
  }

  /** One that this process raises: it need not be read. */
  add(notice: RaisedNotice): void {
    this.#read.set(notice.name, notice);
  }
}
