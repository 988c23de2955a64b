import type { ArtifactKinds, Claim, Decision, Deferral, Event, Handoff, Link, Notice, Receipt, Reopening, Stored } from '../model/artifacts.ts';
import { sha256 } from '../model/hash.ts';
import { dayOf, fileName, linkedName, parseFile } from '../model/names.ts';
import { currentReceipt } from '../model/truth.ts';
import { listStage } from '../store/history.ts';
import type { Layout } from '../store/layout.ts';
import { type ReadArtifact, readArtifact } from '../store/read.ts';
import { listRevisions } from '../store/receipts.ts';
import { readStateFile } from '../store/state-file.ts';
import type { Found } from './find.ts';
import type { LateWord } from './late-words.ts';

export interface AttemptChain {
  handoff: Stored<Handoff>;
  /** Of a bridge that is a process of its own; null if its creator claimed it by making it, or nobody has. */
  claim: Stored<Claim> | null;
  deferral: Stored<Deferral> | null;
}

export interface NoticeChain {
  name: string;
  notice: Stored<Notice> | null;
  attempts: AttemptChain[];
  /** By revision, oldest first. */
  receipts: Stored<Receipt>[];
  /** By which a human opened it again, oldest first. */
  reopenings: Stored<Reopening>[];
  /** The truth now; null if there is no receipt yet, or none since it was opened again. */
  current: Stored<Receipt> | null;
  /** Set while it is open again. */
  reopened: Stored<Reopening> | null;
  /** Without a receipt: what became of its last attempt, and what holds back the next one; null with one. */
  waiting: string | null;
  /** What was said after its day was sealed, in order of time. */
  late: LateWord[];
}

/** Everything that followed from one event. */
export interface Chain {
  event: Stored<Event> | null;
  decision: Stored<Decision> | null;
  notices: NoticeChain[];
  /** What is missing, cannot be read, or does not have the bytes that its child says. */
  faults: string[];
}

/** The chain of an event, or of a notice with its event. */
export function loadChain(layout: Layout, found: Found): Chain {
  const chain: Chain = { event: null, decision: null, notices: [], faults: [] };
  let event = found.kind === 'event' ? found.name : null;
  if (found.kind === 'notice') {
    const notice = take(
      readArtifact(layout, 'notice', 'queue', found.name, fileName.notice(found.name)),
      `queue/${dayOf(found.name)}/${found.name}.json`,
      chain,
    );
    event = notice ? linkedName(notice.document.event) : null;
    if (event === null) chain.notices = [loadNotice(layout, found.name, chain)];
  }
  if (event === null) return chain;
  chain.event = take(readArtifact(layout, 'event', 'events', event, fileName.event(event)), `events/${dayOf(event)}/${event}.json`, chain);
  const decision = readArtifact(layout, 'decision', 'decisions', event, fileName.decision(event));
  chain.decision = decision.kind === 'missing' && found.kind === 'event' ? null : take(decision, `decisions/${dayOf(event)}/${event}.json`, chain);
  const names = chain.decision?.document.notices.map(({ id }) => id) ?? (found.kind === 'notice' ? [found.name] : []);
  chain.notices = names.map((name) => loadNotice(layout, name, chain));
  for (const link of linksOf(chain)) checkLink(layout, link, chain.faults);
  chain.faults = [...new Set(chain.faults)];
  return chain;
}

function loadNotice(layout: Layout, name: string, chain: Chain): NoticeChain {
  const day = dayOf(name);
  const result: NoticeChain = {
    name,
    notice: null,
    attempts: [],
    receipts: [],
    reopenings: [],
    current: null,
    reopened: null,
    waiting: null,
    late: [],
  };
  result.notice = take(readArtifact(layout, 'notice', 'queue', name, fileName.notice(name)), `queue/${day}/${name}.json`, chain);
  const files = listStage(layout, 'handoffs', day).flatMap((file) => parseFile('handoffs', day, file) ?? []);
  const numbers = files.flatMap((file) => (file.kind === 'handoff' && file.name === name ? [file.attempt] : [])).sort((a, b) => a - b);
  for (const number of numbers) {
    const handoff = take(
      readArtifact(layout, 'handoff', 'handoffs', name, fileName.handoff(name, number)),
      `handoffs/${day}/${name}.${number}.json`,
      chain,
    );
    if (!handoff) continue;
    const beside = <K extends 'claim' | 'deferral'>(kind: K): Stored<ArtifactKinds[K]> | null => {
      const isThere = files.some((file) => file.kind === kind && file.name === name && file.attempt === number);
      const file = fileName[kind](name, number);
      return isThere ? take(readArtifact(layout, kind, 'handoffs', name, file), `handoffs/${day}/${file}`, chain) : null;
    };
    result.attempts.push({ handoff, claim: beside('claim'), deferral: beside('deferral') });
  }
  const revisions = listRevisions(layout, day).filter((file) => file.name === name);
  revisions.sort((a, b) => a.revision - b.revision || (a.file < b.file ? -1 : 1));
  const current = currentReceipt(revisions);
  for (const { file, status } of revisions) {
    const path = `receipts/${day}/${file}`;
    if (status === 'reopened') {
      const reopening = take(readArtifact(layout, 'reopening', 'receipts', name, file), path, chain);
      if (reopening) result.reopenings.push(reopening);
      if (file === current?.file) result.reopened = reopening;
    } else {
      const receipt = take(readArtifact(layout, 'receipt', 'receipts', name, file), path, chain);
      if (receipt) result.receipts.push(receipt);
      if (file === current?.file) result.current = receipt;
    }
  }
  return result;
}

function* linksOf(chain: Chain): Generator<Link> {
  if (chain.decision) yield chain.decision.document.event;
  for (const { notice, attempts, receipts, reopenings } of chain.notices) {
    if (notice) {
      yield notice.document.event;
      yield notice.document.decision;
    }
    for (const { handoff, claim, deferral } of attempts) {
      yield handoff.document.notice;
      if (claim) yield claim.document.handoff;
      if (handoff.document.previous) yield handoff.document.previous;
      if (deferral) yield deferral.document.handoff;
    }
    for (const { document } of receipts) {
      yield document.notice;
      if (document.handoff) yield document.handoff;
      if (document.previous) yield document.previous;
    }
    for (const { document } of reopenings) {
      yield document.notice;
      yield document.previous;
    }
  }
}

function checkLink(layout: Layout, { path, sha256: expected }: Link, faults: string[]): void {
  const read = readStateFile(layout, path);
  if (read.kind === 'missing') faults.push(`${path} is not there`);
  else if (read.kind === 'bad') faults.push(`${path}: ${read.detail}`);
  else if (sha256(read.bytes) !== expected) faults.push(`${path} has other bytes than the artifact that it caused says`);
}

function take<T>(read: { kind: 'ok'; stored: T } | Exclude<ReadArtifact<'event'>, { kind: 'ok' }>, path: string, chain: Chain): T | null {
  if (read.kind === 'ok') return read.stored;
  chain.faults.push(read.kind === 'missing' ? `${path} is not there` : `${path}: ${read.detail}`);
  return null;
}
