import { renameSync, unlinkSync } from 'node:fs';
import type { QuarantineReason } from '../model/artifacts.ts';
import { isErrno, RgovError } from '../model/errors.ts';
import type { EventDraft } from '../model/event.ts';
import { dayOf, eventHash } from '../model/names.ts';
import type { Publication } from '../model/publication.ts';
import type { BadFile } from '../model/snapshot.ts';
import { waitingDrops, whyNoDrops } from '../store/drops.ts';
import type { EventIndex } from '../store/event-index.ts';
import { stateError } from '../store/files.ts';
import type { Layout } from '../store/layout.ts';
import type { ConfirmDesk } from './confirm.ts';
import { type DropReader, identityOf, type ReadDrop, readDrop } from './drop.ts';
import { compare, prepareForeign } from './record.ts';

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
  /** It says something that cannot be judged yet: it stays, and is read again. */
  later: boolean;
}

/**
 * The drop folder: any program may put CloudEvents and Confirmations there by rename. A file goes away once everything
 * that it says is durable; one that holds anything else goes into quarantine, after what is good of it was taken.
 */
export class Inbox {
  readonly #layout: Layout;
  readonly #index: EventIndex;
  #drops: Drop[] = [];
  /** Days of events that are known already: there to be seen, which is not the same as durable. */
  #knownDays = new Set<string>();
  #unreadable: string[] = [];
  #confirmed: Publication<'receipt'>[] = [];
  #hasMore = false;
  readonly #desk: ConfirmDesk;

  constructor(layout: Layout, index: EventIndex, desk: ConfirmDesk) {
    this.#layout = layout;
    this.#index = index;
    this.#desk = desk;
  }

  /** Events that came in, by their names; none of them is on disk, or (`as known`) was when the index was refreshed last. */
  async collect(now_ms: number, freshness: 'now' | 'as known' = 'now'): Promise<Map<string, Publication<'event'>>> {
    const files = waitingDrops(this.#layout);
    const arrivals = new Map<string, Publication<'event'>>();
    this.#drops = [];
    this.#knownDays = new Set();
    this.#unreadable = [];
    this.#hasMore = false;
    const why = whyNoDrops(this.#layout);
    if (why !== null) this.#unreadable.push(why);
    if (files.length === 0) return arrivals;
    const [{ translateDocuments }, { documentsIn }] = await Promise.all([
      import('../adapters/cloudevents/index.ts'),
      import('../adapters/documents.ts'),
    ]);
    const read: ReadDrop[] = [];
    for (const file of files) {
      if (read.length >= MAX_DROPS) break;
      const drop = this.#read(file, { documentsIn, translateDocuments });
      if (drop) read.push(drop);
    }
    const notYet = await this.#confirm(read, now_ms);
    this.#hasMore = read.length >= MAX_DROPS && notYet.size < read.length;
    const hashes = new Set(read.flatMap(({ drafts }) => drafts.map(({ source, id }) => eventHash(source, id))));
    const known = this.#index.find(hashes, freshness);
    for (const { path, identity, drafts, bad } of read) {
      const drop: Drop = { path, identity, awaited: new Set(), bad, later: notYet.has(path) };
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

  /** Receipts that confirmations have brought about since this was asked last; durable. */
  takeConfirmed(): Publication<'receipt'>[] {
    return this.#confirmed.splice(0);
  }

  /** Takes away what is done with; `recorded` are the names of events that are durable. Returns what goes into quarantine. */
  settle(recorded: ReadonlySet<string>): BadFile[] {
    const done = this.#drops.filter(({ awaited, later }) => !later && [...awaited].every((name) => recorded.has(name)));
    this.#drops = [];
    this.#desk.publisher.syncDays('events', this.#knownDays);
    for (const { path, identity, bad } of done) if (bad === null) removeDrop(this.#layout.at(path), identity);
    return done.flatMap(({ path, identity, bad }) => (bad !== null && identityOf(this.#layout.at(path)) === identity ? bad : []));
  }

  /** Writes down what is true of the confirmations. Returns the paths of those drops that cannot be judged yet. */
  async #confirm(read: readonly ReadDrop[], now_ms: number): Promise<Set<string>> {
    const notYet = new Set<string>();
    const incoming = read.flatMap((drop) => drop.statements.map((statement) => ({ drop, statement, defaultBy: 'inbox' })));
    if (incoming.length === 0) return notYet;
    const { confirmAll } = await import('./confirm.ts');
    const verdicts = await confirmAll(this.#desk, incoming, now_ms);
    verdicts.forEach((verdict, i) => {
      const { drop } = incoming[i] as (typeof incoming)[number];
      if (verdict.status === 'recorded') this.#confirmed.push(verdict.receipt);
      if (verdict.status === 'refused') drop.bad ??= { path: drop.path, reason: quarantineReason(verdict.error), detail: verdict.error.message };
      if (verdict.status !== 'later') return;
      notYet.add(drop.path);
      // What waits for an attempt to end comes right by itself; a disk or a secret that is not there does not.
      if (verdict.error.kind !== 'negative') this.#unreadable.push(`${drop.path} is left where it is: ${verdict.error.message}`);
    });
    return notYet;
  }

  #read(file: string, reader: DropReader): ReadDrop | null {
    try {
      return readDrop(this.#layout, file, reader);
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
    const item = prepareForeign(draft, now_ms, this.#desk.publisher.closedThrough());
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
    else if (status === 'known') this.#knownDays.add(dayOf(earlier));
    return status === 'known' ? null : { path, reason: 'rule_violated', detail };
  }
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

function quarantineReason({ kind }: RgovError): QuarantineReason {
  return kind === 'not_found' ? 'parent_missing' : kind === 'usage' ? 'schema_invalid' : 'rule_violated';
}
