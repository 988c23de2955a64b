import type { Event, Notice, Owner, Receipt, Stored } from '../model/artifacts.ts';
import { RgovError } from '../model/errors.ts';
import { compactTime, dayOf, fileName, linkedName, parseName } from '../model/names.ts';
import type { BadFile, HalfDecided, LastAttempt, Liveness, OpenNotice, RaisedNotice, Snapshot, UndecidedEvent } from '../model/snapshot.ts';
import { formatTime } from '../model/time.ts';
import { type FileSystem, realFileSystem } from './files.ts';
import { listFolder } from './folder.ts';
import { listAllDays, listStage } from './history.ts';
import type { Layout } from './layout.ts';
import { type ReadArtifact, readArtifact } from './read.ts';
import { isSettled, type OpenName, type Survey } from './survey.ts';
import { tornClaim, tornFiles } from './torn.ts';

export interface LoadRequest {
  undecided: readonly string[];
  unverified: readonly string[];
  open: readonly OpenName[];
  unproved: Survey['unproved'];
}

/** A notice without proof, and the event that it tells of where that is about another notice. */
export interface UnprovedFile {
  notice: Stored<Notice>;
  receipt: Stored<Receipt> | null;
  cause: Event | null;
}

export interface Loaded extends Omit<Snapshot, 'unproved'> {
  unproved: UnprovedFile[];
  /** Events whose decision is there with all its notices. */
  verified: string[];
  /** Events that were decided before this look; their subjects' records may have been lost with the process that decided. */
  heard: Stored<Event>[];
  /** What this user may not read, or the disk would not give: left as it is, and reported. */
  unreadable: { name: string; error: RgovError }[];
}

/** Whether the owner of a claim on an attempt to get this notice out can still be at work on it. */
type LivenessOf = (owner: Owner, lease_ms: number, notice: string) => Liveness;

/** Reads what the survey found unsettled. Nothing that cannot be read stops the rest. */
export class Loader {
  readonly #layout: Layout;
  readonly #survey: Survey;
  readonly #livenessOf: LivenessOf;
  readonly #io: FileSystem;
  readonly #undecided: ReadonlySet<string>;
  #byHash: Map<string, string[]> | undefined;

  constructor(layout: Layout, found: Survey, livenessOf: LivenessOf, io: FileSystem = realFileSystem) {
    this.#layout = layout;
    this.#survey = found;
    this.#undecided = new Set(found.undecided);
    this.#livenessOf = livenessOf;
    this.#io = io;
  }

  load(request: LoadRequest, raised: RaisedNotice[]): Loaded {
    const loaded: Loaded = { undecided: [], halfDecided: [], open: [], unproved: [], raised, bad: [], verified: [], heard: [], unreadable: [] };
    for (const name of request.undecided) {
      const event = attempt(name, loaded, () => this.#event(name, loaded.bad));
      if (event) loaded.undecided.push(event);
    }
    for (const name of request.unverified) attempt(name, loaded, () => this.#verify(name, loaded));
    for (const item of request.open) {
      const open = attempt(item.name, loaded, () => this.#open(item, loaded.bad));
      if (open) loaded.open.push(open);
    }
    for (const { name, receipt } of request.unproved) {
      const unproved = attempt(name, loaded, () => this.#unproved(name, receipt, loaded.bad));
      if (unproved) loaded.unproved.push(unproved);
    }
    // What has no outcome yet is not proved either.
    for (const { notice } of loaded.open) {
      const unproved = attempt(notice.name, loaded, () => this.#promised(notice, null));
      if (unproved) loaded.unproved.push(unproved);
    }
    return loaded;
  }

  #unproved(name: string, file: string, bad: BadFile[]): UnprovedFile | null {
    const notice = taken(readArtifact(this.#layout, 'notice', 'queue', name, fileName.notice(name), this.#io), bad);
    const receipt = taken(readArtifact(this.#layout, 'receipt', 'receipts', name, file, this.#io), bad);
    return notice && this.#promised(notice, receipt);
  }

  #promised(notice: Stored<Notice>, receipt: Stored<Receipt> | null): UnprovedFile {
    const isAboutNotice = notice.document.eventType.startsWith('notice.');
    const cause = isAboutNotice ? linkedName(notice.document.event) : '';
    const read = isAboutNotice ? readArtifact(this.#layout, 'event', 'events', cause, fileName.event(cause), this.#io) : null;
    return { notice, receipt, cause: read?.kind === 'ok' ? read.stored.document : null };
  }

  #event(name: string, bad: BadFile[]): UndecidedEvent | null {
    const event = taken(readArtifact(this.#layout, 'event', 'events', name, fileName.event(name), this.#io), bad);
    return event && { ...event, duplicateOf: this.#duplicateOf(name, event.document) };
  }

  /** Events by the hash of their source and id, for those hashes that an undecided one has. */
  #sameHash(): Map<string, string[]> {
    if (this.#byHash) return this.#byHash;
    this.#byHash = new Map(this.#survey.undecided.map((name) => [name.slice(-12), []]));
    for (const { names } of this.#survey.events.values()) for (const name of names) this.#byHash.get(name.slice(-12))?.push(name);
    return this.#byHash;
  }

  /** Two names share the hash of their source and id: the first to be decided counts, else the first by name. */
  #duplicateOf(name: string, event: { source: string; id: string }): string | null {
    const others = (this.#sameHash().get(name.slice(-12)) ?? []).filter((other) => other !== name).sort();
    const earlier = others.find((other) => other < name || !this.#undecided.has(other));
    if (earlier === undefined) return null;
    const read = readArtifact(this.#layout, 'event', 'events', earlier, fileName.event(earlier), this.#io);
    return read.kind === 'ok' && read.stored.document.source === event.source && read.stored.document.id === event.id ? earlier : null;
  }

  #verify(name: string, loaded: Loaded): void {
    const decision = taken(readArtifact(this.#layout, 'decision', 'decisions', name, fileName.decision(name), this.#io), loaded.bad);
    if (!decision) return;
    const event = taken(readArtifact(this.#layout, 'event', 'events', name, fileName.event(name), this.#io), loaded.bad);
    if (event) loaded.heard.push(event);
    if (event && event.link.sha256 !== decision.document.event.sha256) {
      // The decision outlived a power cut that took its event, and that was said once more.
      const detail = `its event ${event.link.path} has other bytes`;
      loaded.bad.push({ path: decision.link.path, reason: 'parent_mismatch', detail });
      return;
    }
    const missing = decision.document.notices.map(({ id }) => id).filter((id) => !this.#isQueued(id));
    if (missing.length === 0) {
      loaded.verified.push(name);
      return;
    }
    if (!event) return;
    const half: HalfDecided = { event, decision, missing, settled: missing.filter((id) => isSettled(this.#layout, id)) };
    loaded.halfDecided.push(half);
  }

  /** The survey lists the queue before the decisions, so a notice may have come in between. */
  #isQueued(notice: string): boolean {
    return (
      this.#survey.queued.has(notice) || readArtifact(this.#layout, 'notice', 'queue', notice, fileName.notice(notice), this.#io).kind !== 'missing'
    );
  }

  #open({ name, attempt, claimed, deferred, reopened: file }: OpenName, bad: BadFile[]): OpenNotice | null {
    const notice = taken(readArtifact(this.#layout, 'notice', 'queue', name, fileName.notice(name), this.#io), bad);
    const reopened = file === null ? null : taken(readArtifact(this.#layout, 'reopening', 'receipts', name, file, this.#io), bad);
    if (!notice || (file !== null && !reopened)) return null;
    if (attempt === 0) {
      const torn = tornFiles(this.#layout, notice, null, this.#io);
      bad.push(...torn);
      return torn.length > 0 ? null : { notice, last: null, reopened };
    }
    const handoff = readArtifact(this.#layout, 'handoff', 'handoffs', name, fileName.handoff(name, attempt), this.#io);
    const last: LastAttempt = {
      number: attempt,
      handoff: handoff.kind === 'ok' ? handoff.stored : null,
      claim: null,
      deferral: null,
      owner: 'unknown',
    };
    if (deferred) last.deferral = taken(readArtifact(this.#layout, 'deferral', 'handoffs', name, fileName.deferral(name, attempt), this.#io), bad);
    const isOver = last.deferral !== null || (reopened !== null && attempt <= reopened.document.afterAttempt);
    if (isOver || !last.handoff) return { notice, last, reopened };
    if (claimed) {
      const claim = readArtifact(this.#layout, 'claim', 'handoffs', name, fileName.claim(name, attempt), this.#io);
      // Somebody took it, and nobody can say who: as with a handoff that cannot be read.
      if (claim.kind !== 'ok') return { notice, last: { ...last, handoff: null }, reopened };
      last.claim = claim.stored;
    }
    const { owner, leaseMs } = last.claim?.document ?? last.handoff.document;
    last.owner = owner === null ? 'unclaimed' : this.#livenessOf(owner, leaseMs ?? 0, name);
    // What a dead owner left behind is final: only now does a look at its outcome prove that there is none.
    if (last.owner === 'dead' && this.#cameToAnEnd(name, attempt)) return null;
    if (last.owner !== 'dead' && last.owner !== 'unclaimed') return { notice, last, reopened };
    const torn = last.claim ? tornClaim(last.claim, last.handoff) : attempt === 1 ? tornFiles(this.#layout, notice, last.handoff, this.#io) : [];
    bad.push(...torn);
    return torn.length > 0 ? null : { notice, last, reopened };
  }

  #cameToAnEnd(notice: string, attempt: number): boolean {
    if (isSettled(this.#layout, notice)) return true;
    const handoffs = listFolder(this.#layout.day('handoffs', dayOf(notice)));
    return handoffs.includes(fileName.deferral(notice, attempt)) || handoffs.includes(fileName.handoff(notice, attempt + 1));
  }
}

/** One file that cannot be read holds up nobody else. */
function attempt<T>(name: string, { unreadable }: Loaded, read: () => T): T | null {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof RgovError)) throw error;
    unreadable.push({ name, error });
    return null;
  }
}

/** What times of four-digit years can say. */
const FIRST_TIME_MS = Date.parse('0001-01-01T00:00:00.000Z');
const LAST_TIME_MS = Date.parse('9999-12-31T23:59:59.999Z');

/** What was read before: a notice never changes, so that only its name has to be there still. */
export interface KnownNotices {
  /** By name; null for a notice that opens no window. */
  known: Map<string, RaisedNotice | null>;
  /** Brings to mind what is remembered of a day that is about to be asked for. */
  recall(day: string): void;
  /** Is told of each notice that had to be read. */
  learn(name: string, notice: RaisedNotice | null): void;
}

const nothingKnown = (): KnownNotices => ({ known: new Map(), recall: () => {}, learn: () => {} });

/** Notices of these rules between two moments: what deduplication looks back on. */
export function loadRaised(
  layout: Layout,
  range: { from_ms: number; to_ms: number; rules: ReadonlySet<string> },
  bad: BadFile[],
  { known, recall, learn }: KnownNotices = nothingKnown(),
): RaisedNotice[] {
  const raised: RaisedNotice[] = [];
  const [from, to] = [range.from_ms, range.to_ms].map((ms) => compactTime(formatTime(Math.min(Math.max(ms, FIRST_TIME_MS), LAST_TIME_MS)))) as [
    string,
    string,
  ];
  for (const day of listAllDays(layout)) {
    const start_ms = Date.parse(`${day}T00:00:00.000Z`);
    if (Number.isNaN(start_ms) || start_ms > range.to_ms || start_ms + 86_400_000 < range.from_ms) continue;
    recall(day);
    for (const file of listStage(layout, 'queue', day)) {
      if (file < from || file.slice(0, to.length) > to) continue;
      const name = file.endsWith('.json') ? file.slice(0, -'.json'.length) : '';
      let remembered = known.get(name);
      if (remembered === undefined) {
        const parsed = parseName(name);
        if (!parsed || !range.rules.has(parsed.what)) continue;
        const notice = taken(readArtifact(layout, 'notice', 'queue', name, file), bad)?.document;
        remembered = notice?.dedupe ? { name, pack: notice.rule.pack, rule: notice.rule.id, key: notice.dedupe.key, time_ms: parsed.time_ms } : null;
        known.set(name, remembered);
        if (notice) learn(name, remembered);
      }
      if (remembered !== null) raised.push(remembered);
    }
  }
  return raised;
}

function taken<T>(read: { kind: 'ok'; stored: T } | Extract<ReadArtifact<'event'>, { kind: 'missing' | 'bad' }>, bad: BadFile[]): T | null {
  if (read.kind === 'ok') return read.stored;
  if (read.kind === 'bad') bad.push({ path: read.path, reason: read.reason, detail: read.detail });
  return null;
}
