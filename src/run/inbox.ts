import { lstatSync, unlinkSync } from 'node:fs';
import { join } from 'node:path';
import type { QuarantineReason } from '../model/artifacts.ts';
import { isErrno, RgovError } from '../model/errors.ts';
import type { EventDraft } from '../model/event.ts';
import { parseStrict } from '../model/json.ts';
import { eventHash } from '../model/names.ts';
import type { Publication } from '../model/publication.ts';
import type { BadFile } from '../model/snapshot.ts';
import { formatTime } from '../model/time.ts';
import { waitingDrops } from '../store/drops.ts';
import type { EventIndex } from '../store/event-index.ts';
import { readRegular, realFileSystem, stateError } from '../store/files.ts';
import { type Layout, MAX_ARTIFACT_BYTES } from '../store/layout.ts';
import { compare, prepare } from './record.ts';

/** A dropped file may hold many events, each far smaller. */
const MAX_DROP_BYTES = 8 * MAX_ARTIFACT_BYTES;
/** Files taken at one look; the next look takes the next ones. */
const MAX_DROPS = 1_000;

/** A file that was dropped, and what came of its events so far. */
interface Drop {
  path: string;
  /** Names of events that are not on disk yet. */
  awaited: Set<string>;
  bad: BadFile | null;
}

/**
 * The drop folder: any program may put CloudEvents there by rename. A file goes away once all its events are durable;
 * one that holds anything else goes into quarantine, after its good events were taken.
 */
export class Inbox {
  readonly #layout: Layout;
  readonly #index: EventIndex;
  #drops: Drop[] = [];
  #unreadable: string[] = [];

  constructor(layout: Layout, index: EventIndex) {
    this.#layout = layout;
    this.#index = index;
  }

  /** Events that came in, by their names; none of them is on disk, or (`as known`) was when the index was refreshed last. */
  async collect(now_ms: number, freshness: 'now' | 'as known' = 'now'): Promise<Map<string, Publication<'event'>>> {
    const files = waitingDrops(this.#layout).slice(0, MAX_DROPS);
    const arrivals = new Map<string, Publication<'event'>>();
    this.#drops = [];
    if (files.length === 0) return arrivals;
    const { adapter } = await import('../adapters/cloudevents/index.ts');
    this.#unreadable = [];
    const read = files.flatMap((file) => this.#read(file, adapter.translate) ?? []);
    const hashes = new Set(read.flatMap(({ drafts }) => drafts.map(({ source, id }) => eventHash(source, id))));
    const known = this.#index.find(hashes, freshness);
    for (const { path, drafts, bad } of read) {
      const drop: Drop = { path, awaited: new Set(), bad };
      for (const draft of drafts) {
        const problem = this.#take(draft, drop, known, arrivals, now_ms);
        drop.bad ??= problem;
      }
      this.#drops.push(drop);
    }
    return arrivals;
  }

  /** What could not be read at the last look, in words; it stays where it is. */
  get unreadable(): readonly string[] {
    return this.#unreadable;
  }

  /** Takes away what is done with; `recorded` are the names of events that are durable. Returns what goes into quarantine. */
  settle(recorded: ReadonlySet<string>): BadFile[] {
    const done = this.#drops.filter(({ awaited }) => [...awaited].every((name) => recorded.has(name)));
    this.#drops = [];
    for (const { path, bad } of done) if (bad === null) removeDrop(this.#layout.at(path));
    return done.flatMap(({ bad }) => bad ?? []);
  }

  #read(file: string, translate: Translate): ReadDrop | null {
    try {
      return readDrop(this.#layout, file, translate);
    } catch (error) {
      if (!(error instanceof RgovError)) throw error;
      this.#unreadable.push(error.message);
      return null;
    }
  }

  #take(
    { timeless, ...draft }: EventDraft & { timeless: boolean },
    drop: Drop,
    known: Map<string, string>,
    arrivals: Map<string, Publication<'event'>>,
    now_ms: number,
  ): BadFile | null {
    const { path } = drop;
    const item = prepare(draft, now_ms);
    if (typeof item === 'string') return { path, reason: 'schema_invalid', detail: item };
    const name = item.file.slice(0, -'.json'.length);
    const hash = eventHash(draft.source, draft.id);
    const earlier = known.get(hash);
    if (earlier === undefined) {
      known.set(hash, name);
      arrivals.set(name, item);
      drop.awaited.add(name);
      return null;
    }
    const { status, detail } = compare(
      this.#layout,
      earlier,
      item,
      [...arrivals.values()].map((other) => ({ item: other })),
      timeless,
    );
    if (arrivals.has(earlier)) drop.awaited.add(earlier);
    return status === 'known' ? null : { path, reason: 'rule_violated', detail };
  }
}

type Translate = (input: Uint8Array) => { events: EventDraft[]; rejected: { where: string; reason: string }[] };

interface ReadDrop {
  path: string;
  drafts: (EventDraft & { timeless: boolean })[];
  bad: BadFile | null;
}

/** Null if somebody else has taken it away. */
function readDrop(layout: Layout, file: string, translate: Translate): ReadDrop | null {
  const path = `inbox/${file}`;
  const at = join(layout.inbox, file);
  const bad = (reason: QuarantineReason, detail: string) => ({ path, drafts: [], bad: { path, reason, detail } });
  const read = readRegular(realFileSystem, at, MAX_DROP_BYTES);
  if (read.kind === 'missing') return null;
  if (read.kind === 'bad') return bad(read.reason, read.detail);
  if (read.bytes.length === 0) return bad('not_json', 'the file is empty');
  const { events, rejected } = translate(read.bytes);
  const stat = lstatSync(at, { throwIfNoEntry: false });
  if (!stat) return null;
  // Where a file says nothing of the time, it is when it was dropped: the same however often it is read.
  const dropped = formatTime(Math.floor(stat.mtimeMs));
  const drafts = events.map((draft) => (draft.time === undefined ? { ...draft, time: dropped, timeless: true } : { ...draft, timeless: false }));
  const [first] = rejected;
  if (!first) return { path, drafts, bad: null };
  const whole = parseStrict(read.bytes);
  const reason = events.length === 0 && !whole.ok ? whole.reason : 'schema_invalid';
  return { path, drafts, bad: { path, reason, detail: rejected.map((item) => `${item.where}: ${item.reason}`).join('; ') || first.reason } };
}

/** Somebody else may have taken it as well: each of its events is on disk once, all the same. */
function removeDrop(path: string): void {
  try {
    unlinkSync(path);
  } catch (error) {
    if (!isErrno(error, 'ENOENT')) throw stateError('take away', path, error);
  }
}
