import { lstatSync, renameSync, unlinkSync } from 'node:fs';
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
import { compare, prepareForeign } from './record.ts';

/** A dropped file may hold many events, each far smaller. */
const MAX_DROP_BYTES = 8 * MAX_ARTIFACT_BYTES;
/** Files taken at one look; the next look takes the next ones. */
const MAX_DROPS = 1_000;

/** A file that was dropped, and what came of its events so far. */
interface Drop {
  path: string;
  /** Which file it was that was read: another one may come to stand under its name. */
  identity: string;
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
  #hasMore = false;

  constructor(layout: Layout, index: EventIndex) {
    this.#layout = layout;
    this.#index = index;
  }

  /** Events that came in, by their names; none of them is on disk, or (`as known`) was when the index was refreshed last. */
  async collect(now_ms: number, freshness: 'now' | 'as known' = 'now'): Promise<Map<string, Publication<'event'>>> {
    const files = waitingDrops(this.#layout);
    const arrivals = new Map<string, Publication<'event'>>();
    this.#drops = [];
    this.#unreadable = [];
    this.#hasMore = false;
    if (files.length === 0) return arrivals;
    const { adapter } = await import('../adapters/cloudevents/index.ts');
    const read: ReadDrop[] = [];
    for (const file of files) {
      if (read.length >= MAX_DROPS) break;
      const drop = this.#read(file, adapter.translate);
      if (drop) read.push(drop);
    }
    this.#hasMore = read.length >= MAX_DROPS;
    const hashes = new Set(read.flatMap(({ drafts }) => drafts.map(({ source, id }) => eventHash(source, id))));
    const known = this.#index.find(hashes, freshness);
    for (const { path, identity, drafts, bad } of read) {
      const drop: Drop = { path, identity, awaited: new Set(), bad };
      for (const draft of drafts) {
        const problem = this.#take(draft, drop, known, arrivals, now_ms);
        drop.bad ??= problem;
      }
      this.#drops.push(drop);
    }
    return arrivals;
  }

  /** Whether there were more files than one look takes. */
  get hasMore(): boolean {
    return this.#hasMore;
  }

  /** What could not be read at the last look, in words; it stays where it is. */
  get unreadable(): readonly string[] {
    return this.#unreadable;
  }

  /** Takes away what is done with; `recorded` are the names of events that are durable. Returns what goes into quarantine. */
  settle(recorded: ReadonlySet<string>): BadFile[] {
    const done = this.#drops.filter(({ awaited }) => [...awaited].every((name) => recorded.has(name)));
    this.#drops = [];
    for (const { path, identity, bad } of done) if (bad === null) removeDrop(this.#layout.at(path), identity);
    return done.flatMap(({ path, identity, bad }) => (bad !== null && identityOf(this.#layout.at(path)) === identity ? bad : []));
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
    const item = prepareForeign(draft, now_ms);
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
  identity: string;
  drafts: (EventDraft & { timeless: boolean })[];
  bad: BadFile | null;
}

/** Null if somebody else has taken it away, or put another one in its place meanwhile: that one comes next time. */
function readDrop(layout: Layout, file: string, translate: Translate): ReadDrop | null {
  const path = `inbox/${file}`;
  const at = join(layout.inbox, file);
  const identity = identityOf(at);
  const bad = (reason: QuarantineReason, detail: string) => ({ path, identity, drafts: [], bad: { path, reason, detail } });
  if (file.includes('\ufffd')) return bad('name_invalid', 'the name of the file is not UTF-8');
  const read = readRegular(realFileSystem, at, MAX_DROP_BYTES);
  if (read.kind === 'missing') return null;
  if (read.kind === 'bad') return bad(read.reason, read.detail);
  if (read.bytes.length === 0) return bad('not_json', 'the file is empty');
  const { events, rejected } = translate(read.bytes);
  const stat = lstatSync(at, { throwIfNoEntry: false });
  if (!stat || identityOf(at) !== identity) return null;
  // Where a file says nothing of the time, it is when it was dropped: the same however often it is read.
  const dropped = formatTime(Math.floor(stat.mtimeMs));
  const drafts = events.map((draft) => (draft.time === undefined ? { ...draft, time: dropped, timeless: true } : { ...draft, timeless: false }));
  const [first] = rejected;
  if (!first) return { path, identity, drafts, bad: null };
  const whole = parseStrict(read.bytes);
  const reason = events.length === 0 && !whole.ok ? whole.reason : 'schema_invalid';
  return {
    path,
    identity,
    drafts,
    bad: { path, reason, detail: rejected.map((item) => `${item.where}: ${item.reason}`).join('; ') || first.reason },
  };
}

/** Empty where there is no such file. A file that is read changes none of these. */
function identityOf(path: string): string {
  const stat = lstatSync(path, { throwIfNoEntry: false, bigint: true });
  return stat ? `${stat.dev} ${stat.ino} ${stat.mtimeNs} ${stat.size}` : '';
}

/**
 * Takes the file out of the way under a name of its own before it is removed: if by then another one stands in its place,
 * that one is kept, and read next time. Somebody else may have taken it as well: each of its events is on disk once.
 */
function removeDrop(path: string, identity: string): void {
  const aside = `${path}~${process.pid}-${process.hrtime.bigint()}`;
  try {
    renameSync(path, aside);
    if (identityOf(aside) === identity) unlinkSync(aside);
  } catch (error) {
    if (!isErrno(error, 'ENOENT', 'ENAMETOOLONG')) throw stateError('take away', path, error);
    // A name that takes no addition: at worst it is read once more.
    if (isErrno(error, 'ENAMETOOLONG') && identityOf(path) === identity) unlinkSync(path);
  }
}
